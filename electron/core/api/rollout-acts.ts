import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import * as people from '../rollout/people.ts'
import type { ApiParts } from './parts.ts'

type Acts = Exclude<
  Extract<keyof Handlers, `rollouts.${string}`>,
  `rollouts.${'list' | 'show' | 'devices' | 'events' | 'explain' | 'check' | 'plan' | 'comparison' | 'penalties'}`
>

/** Handlers of `rollouts.*` that do something. What follows from an act is done by the engine, at once. */
export function rolloutActsHandlers({ rollouts }: Pick<ApiParts, 'rollouts'>): Pick<Handlers, Acts> {
  const { runs } = rollouts
  return {
    'rollouts.create': ({ plan }, context) => people.createDraft(rollouts, plan, context),
    'rollouts.edit': (input, context) => people.editDraft(rollouts, input, context),
    'rollouts.remove': ({ rollout }, context) => people.removeDraft(rollouts, rollout, context),
    'rollouts.start': (input, context) => people.start(rollouts, input, context),
    'rollouts.approve': (input, context) => people.approve(rollouts, input, context),
    'rollouts.refuse': ({ rollout, why }, context) => people.perform(rollouts, runs.require(rollout), { kind: 'refuse', why }, context),
    'rollouts.pause': ({ rollout, why, halt }, context) =>
      people.perform(rollouts, runs.require(rollout), { kind: 'pause', halt, why }, context),
    'rollouts.resume': ({ rollout, why }, context) => people.perform(rollouts, runs.require(rollout), { kind: 'resume', why }, context),
    'rollouts.stop': ({ rollout, why }, context) => people.perform(rollouts, runs.require(rollout), { kind: 'stop', why }, context),
    'rollouts.revert': ({ rollout, why }, context) => people.perform(rollouts, runs.require(rollout), { kind: 'revert', why }, context),
    'rollouts.letThrough': ({ rollout, wave, why }, context) =>
      people.perform(rollouts, runs.require(rollout), { kind: 'letThrough', wave, why }, context),
    'rollouts.promote': ({ rollout, why }, context) => people.perform(rollouts, runs.require(rollout), { kind: 'promote', why }, context),
    'rollouts.discard': ({ rollout, why }, context) => people.perform(rollouts, runs.require(rollout), { kind: 'discard', why }, context),
    'rollouts.setPriority': (input, context) => people.setPriority(rollouts, input, context),
    'rollouts.retry': (input, context) => people.retry(rollouts, input, context),
    'rollouts.liftPenalty': (input, context) => people.liftPenalty(rollouts, input, context),
    'rollouts.annotate': ({ rollout, text }, context) =>
      people.perform(rollouts, runs.require(rollout), { kind: 'annotate', text }, context),
  }
}
