import { ActionIcon, Menu, Table, Tooltip } from '@mantine/core'
import { IconArrowBackUp, IconDots, IconLayersDifference, IconRocket, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { Answered, EmptyState } from '../../components/answered.tsx'
import { StateBar } from '../../components/state-bar.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useGo } from '../../data/url-state.ts'
import { useQuery } from '../../data/use-query.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { ActiveOfOrdered } from './active-of-ordered.tsx'
import { orderMarks } from './order-words.ts'
import { BesideDialog, type BesideAct } from './revert-dialog.tsx'
import { TakeOffDialog } from './take-off.tsx'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './deployments.module.css'

type Deployment = OutputOf<'deployments.list'>['deployments'][number]

/** Versions of one deployment that are named in its row; there may be many while a fleet is mixed. */
const MOST_VERSIONS = 3

/** Deployments in use: what is ordered and what runs, how far the devices are, and the last order. */
export function DeploymentTable({ chosen, onChoose }: { chosen: string; onChoose(deployment: string): void }) {
  const answer = useQuery('deployments.list', {})
  const [takenOff, setTakenOff] = useState<Deployment | null>(null)
  const [asked, ask] = useState<BesideAct | null>(null)
  return (
    <div className={styles.inUse}>
      <Answered answer={answer}>
        {({ deployments }) =>
          deployments.length === 0 ? (
            <EmptyState
              title="Nothing is deployed"
              actions={
                <MayButton method="deployments.apply" href={paths.deploy()}>
                  Deploy a version
                </MayButton>
              }
            >
              A deployment is a place on a device that a version of a model fills. Choose a version and the devices; they fetch it, try it
              and serve it.
            </EmptyState>
          ) : (
            <Table className={styles.table} aria-label="Deployments in use">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Deployment</Table.Th>
                  <Table.Th>Version, active of ordered</Table.Th>
                  <Table.Th>Devices</Table.Th>
                  <Table.Th>Last order</Table.Th>
                  <Table.Th>
                    <span className="sr-only">Actions</span>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {deployments.map((one) => (
                  <Row
                    key={one.deployment}
                    one={one}
                    isChosen={one.deployment === chosen}
                    onChoose={() => onChoose(one.deployment === chosen ? '' : one.deployment)}
                    onTakeOff={() => setTakenOff(one)}
                    onRevert={() => ask({ verb: 'revert', deployment: one.deployment, query: '', where: 'all devices that have it' })}
                  />
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Answered>
      <BesideDialog asked={asked} onClose={() => ask(null)} />
      {takenOff !== null && <TakeOffDialog deployment={takenOff.deployment} devices={takenOff.devices} onClose={() => setTakenOff(null)} />}
    </div>
  )
}

function Row({
  one,
  isChosen,
  onChoose,
  onTakeOff,
  onRevert,
}: {
  one: Deployment
  isChosen: boolean
  onChoose(): void
  onTakeOff(): void
  onRevert(): void
}) {
  return (
    <Table.Tr data-chosen={isChosen || undefined}>
      <Table.Td>
        <button
          type="button"
          className={`foreign ${styles.choose}`}
          aria-pressed={isChosen}
          title="Show its orders only"
          onClick={onChoose}
        >
          {one.deployment}
        </button>
      </Table.Td>
      <Table.Td>
        <Versions versions={one.versions} />
        {one.beside.map(({ role, model, version, digest, desired, working }) => (
          <div key={`${role} ${digest}`} className={styles.version}>
            <RouteLink href={paths.deploymentPage(one.deployment)} className="foreign">
              {model} {version}
            </RouteLink>
            <span className="dim">
              {role} on {working} of {desired}
            </span>
          </div>
        ))}
      </Table.Td>
      <Table.Td>
        <StateBar
          label={`Devices of ${one.deployment}`}
          parts={[
            { state: 'ok', word: 'as ordered', count: one.converged },
            { state: 'working', word: 'working', count: one.working },
            { state: 'offline', word: 'offline', count: one.waiting },
            { state: 'failed', word: 'refused', count: one.failed },
          ]}
        />
      </Table.Td>
      <Table.Td>
        {one.lastOrder === null ? (
          <span className="dim">none recorded</span>
        ) : (
          <span className={styles.line}>
            <StateMark state={orderMarks[one.lastOrder.state]} word={one.lastOrder.state} />
            <RouteLink href={paths.order(one.lastOrder.order)}>Order {one.lastOrder.order}</RouteLink>
            <span className="dim">
              <Ago at={one.lastOrder.createdAt} />
            </span>
          </span>
        )}
      </Table.Td>
      <Table.Td>
        <Actions one={one} onTakeOff={onTakeOff} onRevert={onRevert} />
      </Table.Td>
    </Table.Tr>
  )
}

function Versions({ versions }: { versions: Deployment['versions'] }) {
  return (
    <>
      {versions.slice(0, MOST_VERSIONS).map(({ model, version, digest, desired, active }) => (
        <div key={digest} className={styles.version}>
          <RouteLink href={paths.version(model, version)} className="foreign">
            {model} {version}
          </RouteLink>
          <ActiveOfOrdered title={`${model} ${version}`} active={active} desired={desired} />
        </div>
      ))}
      {versions.length > MOST_VERSIONS && <span className="dim">and {versions.length - MOST_VERSIONS} more versions</span>}
    </>
  )
}

function Actions({ one, onTakeOff, onRevert }: { one: Deployment; onTakeOff(): void; onRevert(): void }) {
  const go = useGo()
  const model = one.versions[0]?.model ?? ''
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label={`Actions of ${one.deployment}`}>
          <ActionIcon aria-label={`Actions of ${one.deployment}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconRocket size={14} />}
          onClick={() => go(paths.deploy({ model, deployment: one.deployment, query: one.lastOrder?.query ?? '' }))}
        >
          Deploy another version
        </Menu.Item>
        <Menu.Item leftSection={<IconLayersDifference size={14} />} onClick={() => go(paths.deploymentPage(one.deployment))}>
          Compare its versions
        </Menu.Item>
        <Menu.Item leftSection={<IconArrowBackUp size={14} />} onClick={onRevert}>
          Revert to last good
        </Menu.Item>
        <Menu.Item leftSection={<IconTrash size={14} />} onClick={onTakeOff}>
          Take it off devices
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
