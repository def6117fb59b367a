import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What is built, from which files, by which command. The stamp holds the hash of the files that the last build was made from. */
const BUILDS = [
  {
    what: 'the server and the simulators',
    sources: ['contract/src', 'server/src', 'simulators/src', 'tsconfig.base.json', 'package-lock.json'],
    results: ['contract/dist/index.js', 'server/dist/main.js', 'simulators/dist/main.js'],
    stamp: 'server/dist/.built-from',
    cwd: '.',
    // Forced: a result that somebody has deleted is not missed by the compiler's own notes.
    command: ['node_modules/typescript/bin/tsc', '-b', '--force', 'contract', 'server', 'simulators'],
  },
  {
    what: 'the web client',
    sources: ['contract/src', 'client', 'tsconfig.base.json', 'package-lock.json'],
    results: ['client/dist/index.html'],
    stamp: 'client/dist/.built-from',
    cwd: 'client',
    command: ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'],
  },
];

/** Installs and builds what is missing or out of date; says what takes long. Ends the process when a step fails. */
export async function prepare() {
  if (!isInstalled()) {
    say('Installing the locked dependencies (a minute or two, the first time only)…');
    await run('npm ci', npmCommand(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']), ROOT);
  }
  for (const build of BUILDS) {
    const hash = fingerprint(build.sources);
    if (isBuilt(build, hash)) continue;
    say(`Building ${build.what}…`);
    const [script, ...args] = build.command;
    await run(
      `Building ${build.what}`,
      [process.execPath, path.join(ROOT, script), ...args],
      path.join(ROOT, build.cwd),
    );
    writeFileSync(path.join(ROOT, build.stamp), hash);
  }
}

/** Runs a command with our input and output; a Ctrl-C while it runs ends it and then us. Resolves to its exit code. */
export async function runToEnd([file, ...args], cwd) {
  const child = spawn(file, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' && file === 'npm' });
  let interrupted = null;
  const forward = (signal) => {
    interrupted = signal;
    child.kill(signal);
  };
  process.on('SIGINT', forward);
  process.on('SIGTERM', forward);
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`${error.message}\n`);
      resolve(1);
    });
    child.once('exit', (exitCode) => resolve(exitCode ?? 1));
  });
  process.off('SIGINT', forward);
  process.off('SIGTERM', forward);
  if (interrupted !== null) process.exit(130);
  return code;
}

async function run(what, command, cwd) {
  const code = await runToEnd(command, cwd);
  if (code === 0) return;
  process.stderr.write(`${what} failed (exit code ${code}); what it said stands above.\n`);
  process.exit(1);
}

function say(sentence) {
  process.stdout.write(`${sentence}\n`);
}

/** The npm that started us, so that the same version installs; else the one on the path. */
function npmCommand(args) {
  const script = process.env.npm_execpath;
  return script !== undefined && script.endsWith('.js') ? [process.execPath, script, ...args] : ['npm', ...args];
}

/**
 * Whether node_modules holds what the lock file says. npm writes what it has installed into a lock file of its own; what is
 * optional may be missing there, because it belongs to another platform.
 */
function isInstalled() {
  const wanted = lockedPackages('package-lock.json');
  const present = lockedPackages('node_modules/.package-lock.json');
  if (wanted === null || present === null) return false;
  return Object.entries(wanted).every(([folder, locked]) => {
    if (folder === '' || !folder.includes('node_modules/')) return true;
    const installed = present[folder];
    if (installed === undefined) return locked.optional === true || locked.peer === true || locked.devOptional === true;
    return installed.version === locked.version && existsSync(path.join(ROOT, folder));
  });
}

function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')).packages;
  } catch {
    return null;
  }
}

function isBuilt({ results, stamp }, hash) {
  if (!results.every((file) => existsSync(path.join(ROOT, file)))) return false;
  try {
    return readFileSync(path.join(ROOT, stamp), 'utf8') === hash;
  } catch {
    return false;
  }
}

const NOT_SOURCES = new Set(['node_modules', 'dist', 'coverage']);

/** A hash of the names and contents of all files below these paths; times do not matter. */
function fingerprint(sources) {
  const hash = createHash('sha256');
  const add = (relative) => {
    hash
      .update(`${relative}\0`)
      .update(readFileSync(path.join(ROOT, relative)))
      .update('\0');
  };
  const walk = (relative) => {
    const entries = readdirSync(path.join(ROOT, relative), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const child = `${relative}/${entry.name}`;
      if (NOT_SOURCES.has(entry.name) || entry.name.endsWith('.tsbuildinfo') || entry.name.endsWith('.test.ts'))
        continue;
      if (entry.isDirectory()) walk(child);
      else if (entry.isFile()) add(child);
    }
  };
  for (const source of sources) {
    if (source.includes('.')) add(source);
    else walk(source);
  }
  return hash.digest('hex');
}
