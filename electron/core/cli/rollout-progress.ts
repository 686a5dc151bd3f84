import type { RolloutEvent } from '../../../shared/domain/rollout/event.ts'
import type { RolloutSummary } from '../../../shared/rpc/contract/rollouts.ts'
import { plain, printJsonLine, printLine, timeText } from './output.ts'
import { progressText } from './rollout-words.ts'

/** Tells how a rollout goes on, while it does. */
export interface ProgressPrinter {
  /** What was done before it is followed. */
  said(rollout: number, sentence: string): void
  event(event: RolloutEvent): void
  progress(summary: RolloutSummary): void
  /** It has completed. */
  completed(summary: RolloutSummary): void
  /** Nothing more comes: takes away what stands on the terminal only for the moment. */
  clear(): void
}

/** One JSON document for each line. */
export function jsonPrinter(): ProgressPrinter {
  return {
    said: (rollout, sentence) => printJsonLine({ kind: 'said', rollout, sentence }),
    event: (event) => printJsonLine({ kind: 'event', event }),
    progress: (summary) => printJsonLine({ kind: 'progress', progress: summary }),
    completed: ({ rollout, state, sentence }) => printJsonLine({ kind: 'end', rollout, state, sentence, exit: 0 }),
    clear: () => undefined,
  }
}

/** Lines for people; on a terminal, the last line says how far it is now. */
export function linePrinter(): ProgressPrinter {
  const isTerminal = process.stderr.isTTY
  const clear = (): void => {
    if (isTerminal) process.stderr.write('\r\u001b[2K')
  }
  const line = (text: string): void => {
    clear()
    printLine(text)
  }
  return {
    said: (_, sentence) => line(sentence),
    event: ({ at, actor, sentence }) => line(`${timeText(at)}  ${actor}: ${sentence}`),
    progress(summary) {
      const text = progressText(summary)
      if (!isTerminal) printLine(text)
      else {
        clear()
        process.stderr.write(plain(text).slice(0, Math.max(20, process.stderr.columns - 1)))
      }
    },
    completed: ({ sentence }) => line(sentence),
    clear,
  }
}
