import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { newJobId } from '../jobs/jobs.ts'
import type { ApiParts } from './parts.ts'

type Names = 'sampleFleet.show' | 'sampleFleet.start' | 'sampleFleet.stop' | 'sampleFleet.remove'

/** Handlers of `sampleFleet.*`. */
export function sampleFleetHandlers({ sampleFleet }: ApiParts): Pick<Handlers, Names> {
  return {
    'sampleFleet.show': () => sampleFleet().show(),
    'sampleFleet.start': (_, context) => {
      const job = sampleFleet().show().job ?? newJobId()
      context.afterCommit(() => sampleFleet().start(job))
      return { job }
    },
    'sampleFleet.stop': (_, context) => {
      const { state } = sampleFleet().show()
      context.afterCommit(() => sampleFleet().stop())
      return { state: state === 'none' || state === 'stopped' ? state : 'stopping' }
    },
    'sampleFleet.remove': (_, context) => {
      const devices = sampleFleet().devices()
      context.afterCommit(() => sampleFleet().remove())
      return { devices }
    },
  }
}
