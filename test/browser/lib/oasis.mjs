// Starts the real binary for one test file, on a free port and an empty data
// directory, and ends it by its process id.
import { spawn, execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';

const binary = resolve(process.env.OASIS_BIN ?? join(import.meta.dirname, '../../../bin/oasis'));
const startLimit = 60_000;
const stopLimit = 30_000;

/** A running server. */
export class Oasis {
  #child;
  #output = '';

  /** Starts one and returns when it is alive. Passkeys want a host name, `localhost`. */
  static async start({ env = {}, host = '127.0.0.1' } = {}) {
    const oasis = new Oasis();
    oasis.data = await mkdtemp(join(tmpdir(), 'oasis-browser-'));
    oasis.host = `${host}:${await freePort()}`;
    oasis.url = `http://${oasis.host}/nomad-oasis`;
    oasis.gui = `${oasis.url}/gui/`;
    // Its own environment: a stray setting of the developer's shell must not reach it.
    oasis.#child = spawn(binary, ['serve', '--data', oasis.data, '--listen', oasis.host], {
      cwd: oasis.data,
      env: { PATH: process.env.PATH, HOME: oasis.data, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [oasis.#child.stdout, oasis.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (oasis.#output += text));
    }
    process.once('exit', () => oasis.#child.kill('SIGKILL'));
    try {
      await oasis.#alive();
    } catch (error) {
      await oasis.stop();
      throw error;
    }
    return oasis;
  }

  async #alive() {
    const failed = once(this.#child, 'error').then(([error]) => Promise.reject(error));
    const ended = once(this.#child, 'exit').then(([code]) => Promise.reject(new Error(`${binary} ended with ${code}:\n${this.#output}`)));
    const answered = (async () => {
      for (const end = Date.now() + startLimit; Date.now() < end; await after(20)) {
        if (await fetch(`${this.url}/alive`).then((answer) => answer.ok, () => false)) return;
      }
      throw new Error(`${binary} was not alive after ${startLimit} ms:\n${this.#output}`);
    })();
    failed.catch(() => {});
    ended.catch(() => {});
    await Promise.race([failed, ended, answered]);
  }

  /** The one-time link that the console shows before the first account exists. */
  setupLink() {
    const [link] = this.#output.match(/http\S+\/gui\/setup#\S+/) ?? [];
    if (!link) throw new Error(`no set-up link on the console:\n${this.#output}`);
    return link;
  }

  /** The end of what the server wrote to its console. */
  output() {
    return this.#output.slice(-2000);
  }

  /** Runs a command such as `oasis('user', 'add', …)` on the same data directory and returns its output. */
  async command(args, { input = '' } = {}) {
    const run = promisify(execFile)(binary, [...args, '--data', this.data], { cwd: this.data, env: { PATH: process.env.PATH, HOME: this.data } });
    run.child.stdin.end(input);
    return (await run).stdout;
  }

  /** Makes an account. */
  async addUser(name, password, ...flags) {
    await this.command(['user', 'add', name, '--email', `${name}@example.org`, '--password-stdin', ...flags], { input: `${password}\n` });
  }

  /** Ends the server and removes its data; it must end well and in time. */
  async stop() {
    try {
      if (this.#child.pid && this.#child.exitCode === null && this.#child.signalCode === null) {
        const exit = once(this.#child, 'exit', { signal: AbortSignal.timeout(stopLimit) });
        this.#child.kill('SIGTERM');
        const [code] = await exit.catch(() => {
          this.#child.kill('SIGKILL');
          return ['nothing in time'];
        });
        if (code !== 0) throw new Error(`the server ended with ${code}:\n${this.#output}`);
      }
    } finally {
      await rm(this.data, { recursive: true, force: true });
    }
  }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}
