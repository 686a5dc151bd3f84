import { Group } from '@mantine/core'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import type { ShownKeys } from '../../../../shared/rpc/contract/keys.ts'
import { Answered } from '../../../components/answered.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { Facts } from '../../../components/facts.tsx'
import { formatExact, plural } from '../../../components/format.ts'
import { Screen, Section } from '../../../components/screen.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago } from '../../../components/time.tsx'
import { paths } from '../../../data/paths.ts'
import { useCommand } from '../../../data/use-command.ts'
import { useQuery } from '../../../data/use-query.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { showDone } from '../../../shell/notices.tsx'
import styles from '../trust.module.css'
import { BackupDialog } from './backup-dialog.tsx'
import { CeremonyDialog } from './ceremony-dialog.tsx'
import { DrillDialog } from './drill-dialog.tsx'
import { KeyTable } from './key-table.tsx'
import { RotateDialog } from './rotate-dialog.tsx'
import { UnlockDialog } from './unlock-dialog.tsx'

/** The keys of the fleet: who holds them, what they signed, and what can be done with them. */
export function Keys() {
  const answer = useQuery('keys.show', {}, { everyMs: 15_000, keepsPrevious: true })
  return (
    <Screen
      title="Keys"
      beside={<RouteLink href={paths.trust}>All guards</RouteLink>}
      actions={<CopyAsCommand command="npm run -s muster -- keys status" isIcon />}
    >
      <Answered answer={answer}>{(shown) => <KeysBody shown={shown} />}</Answered>
    </Screen>
  )
}

type Dialog = 'ceremony' | 'unlock' | 'backup' | 'drill' | 'rotate' | null

function KeysBody({ shown }: { shown: ShownKeys }) {
  const [dialog, setDialog] = useState<Dialog>(null)
  const close = (): void => setDialog(null)
  const isPeople = shown.mode === 'people'
  return (
    <div className={styles.page}>
      <Section
        title={isPeople ? 'People hold the keys for new models' : 'The console holds every key'}
        actions={<KeyActs shown={shown} onOpen={setDialog} />}
      >
        <p className={styles.words}>
          {isPeople
            ? 'Two of three root keys agree on who may sign what; the targets key signs new models, and is with a person. Whoever steals this console cannot make a device run anything else.'
            : 'This works without any ceremony, and whoever steals this console can sign models for your devices. The ceremony gives the keys for new models to people: three root keys and a targets key, each a file under a passphrase.'}
        </p>
        <KeyTable keys={shown.keys} />
      </Section>
      <Section title="What was signed">
        <SignedFacts shown={shown} />
      </Section>
      {dialog === 'ceremony' && <CeremonyDialog onClose={close} />}
      {dialog === 'unlock' && <UnlockDialog shown={shown} onClose={close} />}
      {dialog === 'backup' && <BackupDialog keys={shown.keys} onClose={close} />}
      {dialog === 'drill' && <DrillDialog onClose={close} />}
      {dialog === 'rotate' && <RotateDialog shown={shown} onClose={close} />}
    </div>
  )
}

function KeyActs({ shown, onOpen }: { shown: ShownKeys; onOpen(dialog: Dialog): void }) {
  const lock = useCommand('keys.lock')
  if (shown.mode === 'console')
    return (
      <Group gap="xs">
        <MayButton method="keys.rotate" onClick={() => onOpen('rotate')}>
          Replace keys
        </MayButton>
        <MayButton method="keys.create" variant="filled" onClick={() => onOpen('ceremony')}>
          Begin the ceremony
        </MayButton>
      </Group>
    )
  return (
    <Group gap="xs">
      <MayButton method="keys.backup" onClick={() => onOpen('backup')}>
        Copy a key
      </MayButton>
      <MayButton method="keys.drill" onClick={() => onOpen('drill')}>
        Rehearse
      </MayButton>
      <MayButton method="keys.rotate" onClick={() => onOpen('rotate')}>
        Replace keys
      </MayButton>
      {shown.isLocked ? (
        <MayButton method="keys.unlock" variant="filled" onClick={() => onOpen('unlock')}>
          Unlock for signing
        </MayButton>
      ) : (
        <MayButton
          method="keys.lock"
          loading={lock.isRunning}
          onClick={() => {
            lock
              .run({})
              .then(() => showDone('The targets key is locked.'))
              .catch(() => undefined)
          }}
        >
          Lock now
        </MayButton>
      )}
    </Group>
  )
}

function SignedFacts({ shown }: { shown: ShownKeys }) {
  const { devices } = shown
  return (
    <Facts
      rows={[
        [
          'Signing new models',
          shown.isLocked ? (
            <StateMark state="offline" word="Locked" />
          ) : shown.unlockedUntil === null ? (
            <StateMark state="ok" word="By the console itself" />
          ) : (
            <StateMark state="working" word={`Unlocked until ${formatExact(shown.unlockedUntil)}`} />
          ),
        ],
        [
          'Root',
          `version ${shown.root.version}, until ${formatExact(shown.root.expiresAt)}; ${plural(shown.root.threshold, 'key')} must sign`,
        ],
        ['List of models', `${plural(shown.targets.bundles, 'model')}, until ${formatExact(shown.targets.expiresAt)}`],
        ['Timestamp', `made anew each day; until ${formatExact(shown.timestamp.expiresAt)}`],
        ['Epoch of orders', String(shown.epoch)],
        ['Key files of the console', shown.atRest === 'sealed' ? 'sealed under its passphrase' : 'open, for their owner only'],
        ['Devices', `${devices.newestRoot} on the newest root, ${devices.stale} with expired metadata`],
        ['With the keys of their enrolment only', devices.oldCount === 0 ? null : devices.old.join(', ')],
        ['Last rehearsal', shown.mode === 'console' ? null : <Ago key="drill" at={lastDrill(shown)} />],
      ]}
    />
  )
}

function lastDrill({ keys }: ShownKeys): number | null {
  const times = keys.flatMap(({ drill }) => (drill === null ? [] : [drill.at]))
  return times.length === 0 ? null : Math.max(...times)
}
