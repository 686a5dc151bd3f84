import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { heldBy } from '../deployments/holding.ts'
import { comparisonOf } from '../rollout/comparison.ts'
import { evidenceQuestion } from '../rollout/evidence-desk.ts'
import { explainDevice } from '../rollout/explain/handler.ts'
import { checkRollout } from '../rollout/planning/check.ts'
import { planRollout } from '../rollout/planning/dry-run.ts'
import { devicesOf, showRollout } from '../rollout/show.ts'
import { summaryOf } from '../rollout/summary.ts'
import type { ApiParts } from './parts.ts'

type Queries = Extract<
  keyof Handlers,
  `rollouts.${'list' | 'show' | 'devices' | 'events' | 'explain' | 'check' | 'plan' | 'comparison' | 'penalties'}`
>
type Parts = Pick<ApiParts, 'store' | 'now' | 'rollouts'>

/** Handlers of `rollouts.*` that ask. */
export function rolloutsHandlers(parts: Parts): Pick<Handlers, Queries> {
  const { store, now, rollouts } = parts
  const { runs } = rollouts
  return {
    'rollouts.list': ({ state, deployment, model, isComparison, limit, before }) => {
      const filter = { states: state ?? null, deployment: deployment ?? null, model: model ?? null, isComparison: isComparison ?? null }
      const { rollouts: rows, total } = store.rollouts.page(filter, { before: before ?? null, limit })
      const watched = new Set(runs.watched())
      const list = rows.map(({ id, summary }) => (watched.has(id) ? newest(parts, id) : summary))
      return { rollouts: list, total, next: rows.length === limit ? rows.at(-1)!.id : null }
    },
    'rollouts.show': ({ rollout }) => showRollout(rollouts, rollout),
    'rollouts.devices': (input) => devicesOf(rollouts, input),
    'rollouts.events': ({ rollout, device, kinds, isWithoutDevices, before, limit }) => {
      runs.require(rollout)
      const filter = { rollout, device: device ?? null, kinds: kinds ?? null, isWithoutDevices }
      const events = store.rolloutEvents.page(filter, { before: before ?? null, limit })
      return { events, next: events.length === limit ? events.at(-1)!.seq : null }
    },
    'rollouts.explain': (input) => explainDevice({ store, now, rollouts: () => rollouts.atHand() }, input),
    'rollouts.check': (input) => checkRollout(rollouts.planning, input),
    'rollouts.plan': (input) => planRollout(rollouts.planning, input),
    'rollouts.comparison': ({ rollout, wave }) => {
      const live = runs.require(rollout)
      const { model, version } = live.run.target ?? live.run.plan
      const question = evidenceQuestion(live, { wave: wave ?? null, now: now() })
      return comparisonOf(rollouts.parts.evidence, { question, version: `${model} ${version}`, decided: live.run.decided })
    },
    'rollouts.penalties': ({ model }) => ({
      penalties: store.penalties
        .pending(now())
        .filter((one) => model === undefined || one.model === model)
        .map(({ device, failures, until, problem, ...of }) => ({
          ...({ device } as Pick<ResultOf<'rollouts.penalties'>['penalties'][number], 'device'>),
          ...{ model: of.model, version: of.version, failures, until, problem },
        })),
    }),
  }
}

/** What a list says of a rollout that is under way: with what holds it now. */
function newest({ rollouts, store, now }: Parts, id: number): ReturnType<typeof summaryOf> {
  const live = rollouts.runs.require(id)
  return summaryOf(live, { now: now(), alert: heldBy(store, live.run.plan.deployment)?.sentence ?? null })
}
