import type { Clock } from '../../shared/domain/clock.ts'
import { Problem } from '../../shared/domain/problem.ts'
import type { ConvergenceState } from '../../shared/protocol/reported.ts'
import type { FetchProgress } from '../artifact/receive.ts'
import type { Happening } from '../telemetry/events.ts'
import { probeCandidate, serveActive, type ActivateParts } from './activate.ts'
import { MAX_UNFINISHED_PROBES } from './causes.ts'
import { fetchBundle, type FetchParts } from './fetch-bundle.ts'
import type { JournalDeployment } from './journal.ts'
import { ownOf } from './plan.ts'
import type { Executors } from './steps.ts'
import { began, deploymentOf, moved, settled, withDeployment, withoutDeployment } from './transitions.ts'

/** What the steps work with. */
export interface ExecuteParts extends ActivateParts, FetchParts {
  clock: Clock
  /** The bounded walker over a model file. @throws Problem `model.*` */
  preflight(path: string): unknown
  onProgress(deployment: string, progress: FetchProgress | null): void
  tell(happening: Happening): void
}

/** The executors over real parts. Each writes the journal before the act that depends on it, and may be repeated after a sudden death. */
export function createExecutors(parts: ExecuteParts): Executors {
  const { journal, bundles, clock, tell } = parts

  const put = (deployment: string, next: JournalDeployment): void => journal.save(withDeployment(journal.state, deployment, next))
  const move = (deployment: string, state: ConvergenceState): void => put(deployment, moved(deploymentOf(journal.state, deployment), state))
  const candidateOf = (deployment: string): NonNullable<JournalDeployment['candidate']> => {
    const { candidate } = deploymentOf(journal.state, deployment)
    if (candidate === null) throw new Problem('internal', `${deployment} has no candidate.`)
    return candidate
  }
  const collect = (): void => {
    const removed = bundles.removeUnreferenced(journal.state)
    if (removed.length > 0)
      tell({ name: 'artifacts.removed', severity: 'info', message: `${removed.length} artifacts that nothing needs were removed.` })
  }

  return {
    serve: (_, signal) => serveActive(parts, signal),
    async forget({ deployment }) {
      const { active } = deploymentOf(journal.state, deployment)
      journal.save(withoutDeployment(journal.state, deployment))
      const message = `${deployment} is no longer assigned${active === null ? '' : `; ${active.model} ${active.version} is unloaded`}.`
      tell({ name: 'deployment.removed', severity: 'info', message, detail: { deployment, digest: active?.digest ?? null } })
    },
    async settle({ deployment }) {
      put(deployment, settled(deploymentOf(journal.state, deployment)))
      collect()
    },
    async begin({ deployment, content }) {
      put(deployment, began(deploymentOf(journal.state, deployment), content, clock.now()))
    },
    async fetch({ deployment }, signal) {
      const content = candidateOf(deployment)
      const reference = ownOf(journal.state.order?.assignment.deployments ?? {}, deployment)?.bundle
      if (reference === undefined || reference.digest !== content.digest)
        throw new Problem('cancelled', 'The order changed before the fetch.')
      try {
        const fetched = await fetchBundle(
          parts,
          { content, reference, state: journal.state },
          (progress) => parts.onProgress(deployment, progress),
          signal,
        )
        move(deployment, 'verified')
        tell({
          name: 'transfer.completed',
          severity: 'info',
          message: `${content.model} ${content.version} is on the device.`,
          detail: { deployment, digest: content.digest, ...fetched, elapsedMs: Math.round(fetched.elapsedMs) },
        })
      } finally {
        parts.onProgress(deployment, null)
      }
    },
    async preflight({ deployment }) {
      const { digest } = candidateOf(deployment)
      parts.preflight(parts.store.path(bundles.manifest(digest).artifacts.model.sha256))
      move(deployment, 'preflighted')
    },
    async stage({ deployment }) {
      const content = candidateOf(deployment)
      const { manifest } = bundles.runtimeDeployment(deployment, content, true)
      bundles.checkGolden(manifest)
      move(deployment, 'staged')
    },
    async probe({ deployment }, signal) {
      if (deploymentOf(journal.state, deployment).attempts >= MAX_UNFINISHED_PROBES) {
        throw new Problem('probe.load-failed', `The agent did not outlive ${MAX_UNFINISHED_PROBES} probes of this bundle.`)
      }
      move(deployment, 'probing')
      await probeCandidate(parts, deployment, signal)
      collect()
    },
  }
}
