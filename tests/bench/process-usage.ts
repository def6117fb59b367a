import { readdir, readFile } from 'node:fs/promises';

const TICKS_PER_S = 100;

/** CPU seconds of this process's descendants by program name, from Linux's /proc; empty elsewhere. */
export async function cpuByProgram(names: ReadonlyMap<number, string>): Promise<ReadonlyMap<string, number>> {
  const processes = new Map<number, { readonly parent: number; readonly program: string; readonly cpuS: number }>();
  for (const entry of await readdir('/proc').catch(() => [])) {
    const stat = /^\d+$/.test(entry) ? await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '') : '';
    const match = /^\d+ \((.*)\) (.*)$/.exec(stat.trim());
    if (match === null) continue;
    const fields = (match[2] ?? '').split(' ');
    const cpuS = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
    processes.set(Number(entry), { parent: Number(fields[1]), program: match[1] ?? '', cpuS });
  }
  const used = new Map<string, number>();
  for (const [pid, { program, cpuS }] of processes) {
    if (!descends(pid)) continue;
    const name = names.get(pid) ?? program;
    used.set(name, (used.get(name) ?? 0) + cpuS);
  }
  return used;

  function descends(pid: number): boolean {
    for (let at = processes.get(pid)?.parent; at !== undefined && at > 1; at = processes.get(at)?.parent) {
      if (at === process.pid) return true;
    }
    return false;
  }
}

/** Resident memory of a process, MiB; NaN where /proc does not tell. */
export async function residentMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024);
}

/** CPU seconds that the whole machine has spent since its start, waiting for the disk left out; 0 where /proc does not tell. */
export async function machineBusyS(): Promise<number> {
  const [first = ''] = (await readFile('/proc/stat', 'utf8').catch(() => '')).split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, stolen = 0] = first
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softIrq + stolen) / TICKS_PER_S;
}
