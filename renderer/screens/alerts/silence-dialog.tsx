import { Autocomplete, Button, Group, Modal, SegmentedControl, Select, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../components/answered.tsx'
import { formatExact, plural } from '../../components/format.ts'
import { QueryBox } from '../../components/query-box.tsx'
import { useNow } from '../../components/time.tsx'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { showDone } from '../../shell/notices.tsx'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { silenceInput, silenceLengths, type SilenceDraft } from './silence-draft.ts'
import styles from './alerts.module.css'

/** Keeps alerts quiet for a time. Several drafts are of alerts that were selected: they share length and reason, and their places stand fixed. */
export function SilenceDialog({ drafts, onClose }: { drafts: readonly SilenceDraft[]; onClose(): void }) {
  const [draft, setDraft] = useState<SilenceDraft>(drafts[0]!)
  const [isPending, setPending] = useState(false)
  const now = useNow()
  const silence = useCommand('alerts.silence', { isShownInPlace: true })
  const unsilence = useCommand('alerts.unsilence')
  const change = (part: Partial<SilenceDraft>): void => setDraft({ ...draft, ...part })
  const isReady = draft.reason.trim() !== '' && !isPending
  const run = async (): Promise<void> => {
    const wanted = drafts.length === 1 ? [draft] : drafts.map((one) => ({ ...one, forMs: draft.forMs, reason: draft.reason }))
    const made: OutputOf<'alerts.silence'>[] = []
    for (const one of wanted) made.push(await silence.run(silenceInput(one)))
    const alerts = made.reduce((sum, one) => sum + one.alerts, 0)
    showDone(`${plural(alerts, 'alert')} quiet until ${formatExact(made[0]!.until)}.`, {
      undo: () => {
        for (const one of made) void unsilence.run({ silence: one.silence }).catch(() => undefined)
      },
    })
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title="Silence" size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady && !silence.isRunning) void run().catch(() => undefined)
        }}
      >
        <Stack gap="sm">
          <p className={styles.intro}>Silenced alerts are kept and shown; nobody is told of them until the time is over.</p>
          {drafts.length === 1 ? (
            <Scope draft={draft} onChange={change} onPending={setPending} />
          ) : (
            <p>{plural(drafts.length, 'silence')}, one for each rule and deployment of the selected alerts, and only for their devices.</p>
          )}
          <div>
            <div className={styles.label}>For</div>
            <SegmentedControl
              aria-label="How long"
              fullWidth
              value={String(draft.forMs)}
              onChange={(value) => change({ forMs: Number(value) })}
              data={silenceLengths.map(({ label, ms }) => ({ value: String(ms), label }))}
            />
            <div className={styles.under}>Until {formatExact(now + draft.forMs)}</div>
          </div>
          <TextInput
            label="Reason"
            description="Who reads the list of silences wants to know why."
            placeholder="Maintenance of line 2"
            value={draft.reason}
            maxLength={500}
            onChange={(event) => change({ reason: event.currentTarget.value })}
            data-autofocus
          />
          {silence.problem !== null && <ProblemBox problem={silence.problem} />}
          <Group justify="flex-end" gap="xs">
            <Button onClick={onClose}>Cancel</Button>
            <MayButton method="alerts.silence" type="submit" variant="filled" disabled={!isReady} loading={silence.isRunning}>
              Silence
            </MayButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function Scope({
  draft,
  onChange,
  onPending,
}: {
  draft: SilenceDraft
  onChange(part: Partial<SilenceDraft>): void
  onPending(isPending: boolean): void
}) {
  const rules = useQuery('alerts.rules', {}).data?.rules ?? []
  const deployments = useQuery('deployments.list', {}).data?.deployments ?? []
  return (
    <>
      <Select
        label="Rule"
        value={draft.rule}
        onChange={(rule) => onChange({ rule: rule ?? '' })}
        allowDeselect={false}
        data={[{ value: '', label: 'Every rule' }, ...rules.map(({ rule, name }) => ({ value: rule, label: name }))]}
      />
      <Autocomplete
        label="Deployment"
        placeholder="Every deployment"
        value={draft.deployment}
        maxLength={64}
        onChange={(deployment) => onChange({ deployment })}
        data={deployments.map(({ deployment }) => deployment)}
      />
      <div>
        <div className={styles.label}>Devices</div>
        <QueryBox
          value={draft.query}
          onChange={(query) => onChange({ query })}
          onPending={onPending}
          label="Devices whose alerts are silenced"
          placeholder="All devices, and alerts without a device"
        />
      </div>
    </>
  )
}
