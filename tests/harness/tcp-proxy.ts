import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

export interface TcpProxy {
  /** The same URL, through the proxy. */
  readonly url: string;
  /** Ends every connection and refuses new ones. */
  cut(): void;
  /** Refuses new connections; those that stand are left alone. */
  refuse(): void;
  /** Keeps connections open and lets nothing through, either way; new ones are taken and hang too. */
  hang(): void;
  /** Lets everything through again. */
  restore(): void;
  close(): Promise<void>;
}

/** Stands between the console and a real server, to take it away as networks do: at once, or without a word. */
export async function startTcpProxy(targetUrl: string): Promise<TcpProxy> {
  const target = new URL(targetUrl);
  const pairs = new Set<{ readonly near: Socket; readonly far: Socket }>();
  let state: 'through' | 'refused' | 'hung' = 'through';

  const server = createServer((near) => {
    if (state === 'refused') {
      near.destroy();
      return;
    }
    const far = connect({ host: target.hostname, port: Number(target.port) });
    const pair = { near, far };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
    near.pipe(far);
    far.pipe(near);
    if (state === 'hung') pause(pair);
  });

  function pause({ near, far }: { readonly near: Socket; readonly far: Socket }): void {
    near.unpipe(far);
    far.unpipe(near);
    near.pause();
    far.pause();
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = new URL(targetUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cut: () => {
      state = 'refused';
      for (const { near, far } of [...pairs]) {
        near.destroy();
        far.destroy();
      }
    },
    refuse: () => {
      state = 'refused';
    },
    hang: () => {
      state = 'hung';
      for (const pair of pairs) pause(pair);
    },
    restore: () => {
      const wasHung = state === 'hung';
      state = 'through';
      if (!wasHung) return;
      for (const { near, far } of pairs) {
        near.pipe(far);
        far.pipe(near);
      }
    },
    close: async () => {
      for (const { near, far } of [...pairs]) {
        near.destroy();
        far.destroy();
      }
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
