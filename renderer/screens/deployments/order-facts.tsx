import { Link as RouteLink } from 'wouter'
import { formatCount, formatDuration } from '../../components/format.ts'
import { Progress } from '../../components/progress.tsx'
import { StateBar } from '../../components/state-bar.tsx'
import { Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { bytesInWords, partsOf } from './order-words.ts'
import styles from './order.module.css'

type Order = OutputOf<'orders.show'>

/** Where the devices of an order are, its bytes, and who ordered what, when and for which devices. */
export function OrderFacts({ order }: { order: Order }) {
  const { bytes, target, deployment, query, actor, createdAt, endedAt } = order
  return (
    <div className={styles.facts}>
      <StateBar label="Devices of the order" parts={partsOf(order.counts)} />
      <dl>
        <Fact name="Reached">
          {formatCount(order.reached)} of {formatCount(order.devices)} devices
        </Fact>
        {target !== null && (
          <Fact name="Version">
            <RouteLink href={paths.version(target.model, target.version)}>
              {target.model} {target.version}
            </RouteLink>
            {order.alias !== null && <span className="dim"> as {order.alias}</span>}
          </Fact>
        )}
        <Fact name="Deployment">
          <RouteLink href={paths.deployment(deployment)}>{deployment}</RouteLink>
        </Fact>
        <Fact name="Bytes">
          {bytesInWords(bytes)}
          {bytes.planned > 0 && <Progress share={Math.min(1, bytes.present / bytes.planned)} label="Bytes present" />}
        </Fact>
        <Fact name="Ordered">
          <Ago at={createdAt} /> by {actor}
        </Fact>
        {order.rollout !== null && (
          <Fact name="Placed by">
            <RouteLink href={paths.rollout(order.rollout)}>rollout {order.rollout}</RouteLink>
          </Fact>
        )}
        <Fact name="Ended">
          {endedAt === null ? (
            'not yet'
          ) : (
            <>
              <Ago at={endedAt} /> <span className="dim">after {formatDuration(endedAt - createdAt)}</span>
            </>
          )}
        </Fact>
        <Fact name="Query">
          <RouteLink href={paths.devices(query)} title={query === '' ? 'all devices' : query}>
            {query === '' ? 'all devices' : <code>{query}</code>}
          </RouteLink>
        </Fact>
        <Related order={order} />
      </dl>
    </div>
  )
}

function Related({ order }: { order: Order }) {
  const related = [
    { word: order.kind === 'undo' ? 'undoes' : 'cancels', to: order.of },
    { word: 'undone by', to: order.undoneBy },
    { word: 'cancelled by', to: order.cancelledBy },
  ].filter((one): one is { word: string; to: NonNullable<typeof order.of> } => one.to !== null)
  if (related.length === 0) return null
  return (
    <Fact name="Related orders">
      {related.map(({ word, to }, i) => (
        <span key={word}>
          {i > 0 && ', '}
          {word} <RouteLink href={paths.order(to)}>order {to}</RouteLink>
        </span>
      ))}
    </Fact>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="foreign">{children}</dd>
    </div>
  )
}
