import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { Answered } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Sentence } from '../../components/time.tsx'
import { Screen } from '../../components/screen.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { OrderDevices } from './order-devices.tsx'
import { OrderFacts } from './order-facts.tsx'
import { orderMarks, whatOf } from './order-words.ts'
import { BesideDialog, type BesideAct } from './revert-dialog.tsx'
import { TakeBackDialog, type TakeBack } from './take-back.tsx'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './order.module.css'

/** Rates and remaining time change without an event of a device. */
const LIVE_MS = 1000

/** One order, live: where its devices are, how much has come, why some are not there, and how to take it back. */
export function Order({ order }: { order: number }) {
  const [isLive, setLive] = useState(true)
  const [asked, ask] = useState<TakeBack | null>(null)
  const [reverted, setReverted] = useState<BesideAct | null>(null)
  const answer = useQuery('orders.show', { order }, isLive ? { everyMs: LIVE_MS } : {})
  const state = answer.data?.state
  useEffect(() => setLive(state === undefined || state === 'running'), [state])
  const shown = answer.data
  return (
    <Screen
      title={shown === undefined ? `Order ${order}` : `Order ${order}: ${whatOf(shown)}`}
      isFlush
      beside={shown !== undefined && <StateMark state={orderMarks[shown.state]} word={shown.state} />}
      actions={shown !== undefined && <Actions order={shown} onTakeBack={ask} onRevert={setReverted} />}
    >
      <Answered answer={answer}>
        {(one) => (
          <>
            <p className={`foreign ${styles.sentence}`} aria-live="polite">
              <Sentence text={one.sentence} />
            </p>
            <OrderFacts order={one} />
            <OrderDevices order={one.order} counts={one.counts} />
          </>
        )}
      </Answered>
      <BesideDialog asked={reverted} onClose={() => setReverted(null)} />
      <TakeBackDialog asked={asked} onClose={() => ask(null)} />
    </Screen>
  )
}

function Actions({
  order,
  onTakeBack,
  onRevert,
}: {
  order: OutputOf<'orders.show'>
  onTakeBack(asked: TakeBack): void
  onRevert(asked: BesideAct): void
}) {
  const { target, deployment, query, role, kind } = order
  const isServing = role === 'active' && (kind === 'deploy' || kind === 'promote') && order.counts.active > 0
  return (
    <>
      <CopyAsCommand command={`npm run -s muster -- orders show ${order.order}`} isIcon />
      {target !== null && (
        <Button
          component={RouteLink}
          href={paths.deploy({
            model: target.model,
            version: target.version,
            deployment,
            query,
            ...(role === 'active' ? {} : { as: role }),
          })}
        >
          Deploy again
        </Button>
      )}
      {role !== 'active' && (
        <Button component={RouteLink} href={paths.deploymentPage(deployment)}>
          Compare
        </Button>
      )}
      {isServing && (
        <MayButton
          method="deployments.revert"
          onClick={() => onRevert({ verb: 'revert', deployment, query, where: query === '' ? 'all devices that have it' : query })}
        >
          Revert to last good
        </MayButton>
      )}
      {order.canCancel && (
        <MayButton method="orders.cancel" onClick={() => onTakeBack({ order: order.order, action: 'cancel' })}>
          Cancel order
        </MayButton>
      )}
      {order.canUndo && (
        <MayButton method="orders.undo" onClick={() => onTakeBack({ order: order.order, action: 'undo' })}>
          Undo order
        </MayButton>
      )}
    </>
  )
}
