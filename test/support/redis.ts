/** A Redis server of a test's own: on a free loopback port, its append-only file in a folder of the test's. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { type AddressInfo, createServer, type Socket, connect as tcpConnect } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** Whether this machine has a server; says so where it has none. */
export function hasRedis(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log('skipped: redis-server is not installed (scripts/debian.sh)');
    return false;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class RedisServer {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /** @param settings of its configuration, beside those that all have */
  static async start(folder: string, settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
    const server = new RedisServer(folder, await freePort(), settings);
    await server.begin();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Begins, or begins again with what its file holds. */
  async begin(): Promise<void> {
    const settings = {
      port: this.port,
      bind: '127.0.0.1',
      dir: this.folder,
      appendonly: 'yes',
      appendfsync: 'everysec',
      save: '',
      'maxmemory-policy': 'noeviction',
      ...this.settings,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.child = spawn('redis-server', flags, { stdio: 'ignore' });
    for (let tries = 0; tries < 200; tries++) {
      if (await answers(this.port)) return;
      await setTimeout(50);
    }
    throw new Error('redis-server does not answer');
  }

  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = tcpConnect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (bytes) => {
      resolve(/^\+PONG|^-NOAUTH/.test(bytes.toString()));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
  });
}

/** A way to a port that can be cut: nothing gets through, and nobody is told, as where a cable is pulled. */
export class CuttableWay {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private cut = false;

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly port: number,
    private readonly change: (answer: Buffer) => Buffer,
  ) {}

  /** @param change of what the port answers */
  static async to(port: number, change = (answer: Buffer) => answer): Promise<CuttableWay> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const way = new CuttableWay(server, (server.address() as AddressInfo).port, change);
    server.on('connection', (near) => way.connect(near, port));
    return way;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  pause(): void {
    this.cut = true;
    for (const pair of this.pairs) for (const socket of pair) socket.pause();
  }

  resume(): void {
    this.cut = false;
    for (const pair of this.pairs) for (const socket of pair) socket.resume();
  }

  async close(): Promise<void> {
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private connect(near: Socket, port: number): void {
    const far = tcpConnect(port, '127.0.0.1');
    const pair = [near, far] as const;
    this.pairs.add(pair);
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => near.write(this.change(bytes)));
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        this.pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
      if (this.cut) socket.pause();
    }
  }
}
