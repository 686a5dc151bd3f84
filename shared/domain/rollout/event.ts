import { z } from 'zod'
import { count, epochMs, text } from '../../protocol/message.ts'
import type { DeviceHappening, RolloutHappening } from './life.ts'

/** Kinds of event that are not a transition of the rollout or of a device. */
export const otherEventKinds = [
  'created',
  'edited',
  'target',
  'join',
  'wave-opened',
  'wave-reached',
  'wave-activated',
  'wave-passed',
  'verdict',
  'gate-let-through',
  'promoted',
  'acknowledged',
  'held',
  'released',
  'halted',
  'penalty',
  'penalty-lifted',
  'priority',
  'note',
  'alias-moved',
] as const

/**
 * One row of the append-only log of rollouts. The state of a rollout is what its events add up to, in the order of `seq`; nothing else decides it.
 * `kind` names a happening of the table of rollouts (`device` null) or of devices (`device` set), or one of `otherEventKinds`.
 */
export const rolloutEvent = z.object({
  seq: z.int().positive(),
  rollout: z.int().positive(),
  at: epochMs,
  actor: text(200).describe('Who did it; the engine: muster.'),
  kind: text(32),
  device: text(64).nullable(),
  wave: z.int().nonnegative().nullable().describe('From 0.'),
  from: text(32).nullable().describe('State before, of a transition.'),
  to: text(32).nullable(),
  sentence: text(1000).describe('What happened, for people.'),
  detail: z.record(z.string(), z.unknown()).describe('What the state needs besides, e.g. order, attempt, problem, bytes, evidence.'),
})
export type RolloutEvent = z.infer<typeof rolloutEvent>
export type RolloutEventKind = RolloutHappening | DeviceHappening | (typeof otherEventKinds)[number]

/** Bytes and money of an offer, as they were forecast when it was made. */
export const offerCost = z.object({ bytes: count, money: z.number().nonnegative() })
