import { Checkbox } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { StateMark } from '../../components/state-mark.tsx'
import { paths } from '../../data/paths.ts'
import type { OrderRole } from '../../../shared/rpc/contract/orders.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import styles from './deploy.module.css'

/** An alert that holds releases to a deployment. */
export type Held = NonNullable<OutputOf<'deployments.preview'>['heldBy']>

/** What holds this order: a version that answers nobody is no release, and is never held. */
export function heldNow(held: Held | null, as: OrderRole): Held | null {
  return as === 'shadow' || as === 'staged' ? null : held
}

/** Why nothing is released, and the choice to release all the same. */
export function HeldBy({ held, isDespite, onDespite }: { held: Held; isDespite: boolean; onDespite(isDespite: boolean): void }) {
  return (
    <div className={styles.held} role="group" aria-label="An alert holds releases">
      <StateMark state="attention" word="An alert holds releases to this deployment" />
      <RouteLink href={paths.alert(held.alert)} className="foreign">
        {held.sentence}
      </RouteLink>
      <Checkbox label="Release despite the alert" checked={isDespite} onChange={(event) => onDespite(event.currentTarget.checked)} />
    </div>
  )
}
