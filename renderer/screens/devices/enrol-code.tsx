import { Button, Tabs } from '@mantine/core'
import { useInterval } from '@mantine/hooks'
import { useState } from 'react'
import { z } from 'zod'
import { Link as RouteLink } from 'wouter'
import { CodeLine, Copy } from '../../components/copy.tsx'
import { formatExact } from '../../components/format.ts'
import { StateMark } from '../../components/state-mark.tsx'
import { paths } from '../../data/paths.ts'
import { useStoredChoice } from '../../data/stored-choice.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { PendingDevices } from './trust/pending-devices.tsx'
import { timeLeft, type MadeCode } from './code-life.ts'
import { idQuery } from './selection-query.ts'
import { useJoined } from './use-joined.ts'
import styles from './enrol.module.css'

const platforms = { linux: 'Linux', windows: 'Windows', docker: 'Docker', checkout: 'A checkout of Muster' } as const
const platform = z.enum(['linux', 'windows', 'docker', 'checkout'])

/** A code with its commands, and the wait for the device that uses it. */
export function EnrolCode({ made, wanted, onAnother }: { made: OutputOf<'devices.createCode'>; wanted: MadeCode; onAnother(): void }) {
  const joined = useJoined(wanted)
  if (joined !== null) return <Joined {...joined} onAnother={onAnother} />
  return (
    <div className={styles.code}>
      <div className={styles.codeHead}>
        <div>
          <span className={styles.caption}>One-time code</span>
          <div className={styles.secret}>
            <span className="mono">{made.code}</span>
            <Copy value={made.code} label="Copy the code" />
          </div>
        </div>
        <Countdown expiresAt={made.expiresAt} onAnother={onAnother} />
      </div>
      {made.note !== null && (
        <p className={styles.condition}>
          <StateMark state="attention" word="Note" /> <span>{made.note}</span>
        </p>
      )}
      <Commands made={made} />
      {made.confirms && (
        <p className={styles.condition}>
          <StateMark state="attention" word="Fingerprint" />{' '}
          <span>The command shows a fingerprint on the device and waits. Write it here when the device has asked; only then it joins.</span>
        </p>
      )}
      <PendingDevices isInset />
      <p role="status" className={styles.waiting}>
        <StateMark state="working" word={wanted.device === null ? 'Waiting for the device' : `Waiting for ${wanted.device}`} />
        <span className="dim">This page says so as soon as it joins. You may leave it: the code works all the same.</span>
      </p>
    </div>
  )
}

function Countdown({ expiresAt, onAnother }: { expiresAt: number; onAnother(): void }) {
  const [now, setNow] = useState(Date.now)
  useInterval(() => setNow(Date.now()), 1000, { autoInvoke: true })
  const left = timeLeft(expiresAt, now)
  if (left === null)
    return (
      <div className={styles.countdown}>
        <StateMark state="failed" word="Expired" />
        <Button variant="filled" onClick={onAnother}>
          Make a new code
        </Button>
      </div>
    )
  return (
    <div className={styles.countdown} title={`Until ${formatExact(expiresAt)}`}>
      <span className="dim">Works once, for</span>
      <span className={styles.left} role="timer">
        {left}
      </span>
    </div>
  )
}

function Commands({ made }: { made: OutputOf<'devices.createCode'> }) {
  const [shown, setShown] = useStoredChoice('enrol.platform', platform, 'linux')
  return (
    <Tabs value={shown} onChange={(value) => setShown(platform.catch('linux').parse(value))}>
      <Tabs.List aria-label="System of the device">
        {platform.options.map((one) => (
          <Tabs.Tab key={one} value={one}>
            {platforms[one]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {platform.options.map((one) => (
        <Tabs.Panel key={one} value={one} className={styles.commands}>
          <p className="dim">
            {one === 'checkout' ? (
              'On any system, in the folder of a checkout of Muster:'
            ) : (
              <>
                On the device, in the folder with the built agent (<span className="mono">dist/agent</span>, made by{' '}
                <span className="mono">npm run agent:bundle</span>):
              </>
            )}
          </p>
          <CodeLine text={one === 'checkout' ? made.command : made.commands[one]} label="Copy the commands" />
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}

function Joined({ device, isConnected, onAnother }: { device: string; isConnected: boolean; onAnother(): void }) {
  return (
    <div className={styles.joined} role="status">
      <div className={styles.joinedLine}>
        <StateMark state={isConnected ? 'ok' : 'working'} word={isConnected ? 'Connected' : 'Joined'} />
        <strong className="mono foreign">{device}</strong>
      </div>
      <p className="dim">
        {isConnected
          ? 'It is enrolled and connected. It serves nothing until a model is deployed to it.'
          : 'It is enrolled and has not connected yet: start its agent with the last of the commands.'}
      </p>
      <div className={styles.actions}>
        <Button component={RouteLink} href={paths.deploy({ query: idQuery([device]) })} variant="filled">
          Deploy to it
        </Button>
        <Button component={RouteLink} href={paths.device(device)}>
          Open the device
        </Button>
        <Button onClick={onAnother}>Enrol another one</Button>
      </div>
    </div>
  )
}
