import { fork, type ChildProcess } from 'node:child_process';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { workerUrl } from '../../common/worker-url.js';
import type { HashingReply, HashingRequest, HashingTask } from './hashing.types.js';

/** Longer than between two passwords of a busy service; what it holds is then given back as a whole. */
const IDLE_MS = 15_000;
/** It holds a handful of short strings at a time. */
const NODE_OPTIONS = ['--max-semi-space-size=1', '--max-old-space-size=64'];

/** The process died before it answered; the next task gets a new one. */
export class HashingProcessLost extends Error {
  override readonly name = 'HashingProcessLost';
}

interface Waiting {
  // Who asked knows what the task answers.
  resolve: (result: never) => void;
  reject: (error: Error) => void;
}

/**
 * argon2id in a process of its own, which starts with the first password and ends after idling. The server gives large
 * blocks of memory back at once and would have to get 19 MiB of them again for each password, a tenth of its time; this
 * process keeps them from one to the next. Its environment is empty.
 */
@Injectable()
export class HashingProcess implements OnApplicationShutdown {
  private child: ChildProcess | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private idleTimer: NodeJS.Timeout | undefined;

  /** Of the process while there is one. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** @throws HashingProcessLost when the process dies meanwhile; Error when the task fails in it. */
  run<Result extends string | boolean>(task: HashingTask): Promise<Result> {
    clearTimeout(this.idleTimer);
    const child = (this.child ??= this.start());
    const id = ++this.lastId;
    child.ref();
    child.channel?.ref();
    return new Promise<Result>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      child.send({ id, task } satisfies HashingRequest, (error) => {
        if (error) this.lose(child, error.message);
      });
    });
  }

  onApplicationShutdown(): void {
    clearTimeout(this.idleTimer);
    if (this.child) this.lose(this.child, 'the server ends');
  }

  private start(): ChildProcess {
    const child = fork(workerUrl(import.meta.url, 'hashing.child.js'), [], {
      env: {},
      execArgv: NODE_OPTIONS,
      // A group of its own: Ctrl-C in the terminal is for the server, which then finishes or gives up in order.
      detached: true,
    });
    child.on('message', (reply: HashingReply) => this.settle(reply));
    child.on('error', (error) => this.lose(child, error.message));
    child.on('exit', (code, signal) => this.lose(child, `it ended with ${signal ?? `exit code ${code}`}`));
    return child;
  }

  private settle({ id, result, error }: HashingReply): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === undefined) waiting?.resolve(result as never);
    else waiting?.reject(new Error(error));
    if (this.waiting.size > 0) return;
    // Only an unanswered task keeps the server alive.
    this.child?.unref();
    this.child?.channel?.unref();
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => this.end(), IDLE_MS);
    this.idleTimer.unref();
  }

  private lose(child: ChildProcess, reason: string): void {
    if (this.child !== child) return;
    this.end();
    const lost = new HashingProcessLost(`the process that hashes passwords is gone: ${reason}`);
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of waiting) reject(lost);
  }

  private end(): void {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }
}
