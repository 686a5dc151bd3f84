import type { Rollouts } from '../rollout/open-rollouts.ts'
import type { ApiParts } from './parts.ts'

/** What the handlers of models, deployments and orders work with: nothing of the hub, so that tests run them on real parts alone. */
export type ReleaseParts = Pick<
  ApiParts,
  | 'store'
  | 'fleet'
  | 'keyring'
  | 'reference'
  | 'approvals'
  | 'registry'
  | 'book'
  | 'sizeOf'
  | 'jobs'
  | 'config'
  | 'uploads'
  | 'now'
  | 'onDevicesChanged'
  | 'onOutbox'
  | 'changed'
>

/** The same for handlers that tell why a device is where it is: what a rollout says comes first. */
export type ReleaseViewParts = ReleaseParts & { rollouts: Pick<Rollouts, 'atHand'> }
