import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generate } from 'selfsigned';

export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  /** The certificate as a file, for settings that name one. */
  readonly certFile: string;
  remove(): Promise<void>;
}

/** A certificate of `localhost`, its own authority, made for this test and good for a day. */
export async function makeCertificate(): Promise<TestCertificate> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ioc-test-certificate-'));
  const certFile = path.join(folder, 'cert.pem');
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  await writeFile(certFile, made.cert);
  return {
    key: made.private,
    cert: made.cert,
    certFile,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
