/** What one request used, on its way from the program to whoever accounts for it. */
import type { Usage } from '../../src/front/usage.ts';
import type { ProgramAnswer } from './job.ts';
import { ProtocolStatus } from './protocol.ts';
import { usageAtEnd } from './usage.ts';

export class RunUsage {
  /** Whether the program's side was asked (PoolOptions). */
  readonly asked: boolean;
  readonly #account: (usage: Usage) => void;
  #told: Usage | null = null;
  #settle: (() => void) | null = null;

  constructor(asked: boolean, account: (usage: Usage) => void) {
    this.asked = asked;
    this.#account = account;
  }

  tell(usage: Usage): void {
    this.#told = usage;
  }

  end(appStatus: number, protocolStatus: number): void {
    if (protocolStatus !== ProtocolStatus.requestComplete) return;
    const usage = usageAtEnd(this.asked, this.#told, appStatus);
    if (usage !== null) this.#account(usage);
  }

  /** A body ends when the program has: an answer without one is all there before, and says when that is. */
  settling(answer: ProgramAnswer): ProgramAnswer {
    if (answer.body !== null) return answer;
    return { ...answer, settled: new Promise((resolve) => (this.#settle = resolve)) };
  }

  /** Nothing more is to be heard of it. */
  over(): void {
    this.#settle?.();
  }
}
