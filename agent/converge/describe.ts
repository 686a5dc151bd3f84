import type { ReportedBeside, ReportedDeployment, WatchState } from '../../shared/protocol/reported.ts'
import type { FetchProgress } from '../artifact/receive.ts'
import type { JournalBeside, JournalDeployment } from './journal.ts'

/** What only a running agent knows of a deployment. */
export interface Live {
  progress: FetchProgress | null
  besideProgress: FetchProgress | null
  watch: WatchState | null
}

/** A deployment of the journal as it is reported. */
export function reportedOf({ state, active, candidate, lastGood, problem, beside }: JournalDeployment, live: Live): ReportedDeployment {
  return {
    state,
    active,
    candidate,
    lastGood,
    progress: live.progress === null ? null : { ...live.progress },
    problem: stated(problem),
    watch: live.watch,
    beside: beside === null ? null : reportedBeside(beside, live.besideProgress),
  }
}

/** The second bundle of a deployment as it is reported. */
export function reportedBeside({ role, state, content, problem }: JournalBeside, progress: FetchProgress | null): ReportedBeside {
  return { role, state, content, progress: progress === null ? null : { ...progress }, problem: stated(problem) }
}

function stated(problem: JournalDeployment['problem']): ReportedDeployment['problem'] {
  return problem === null ? null : { code: problem.code, message: problem.message.slice(0, 2000) }
}
