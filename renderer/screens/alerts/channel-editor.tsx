import { Button, Checkbox, Group, Modal, SegmentedControl, Stack, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../components/answered.tsx'
import { plural } from '../../components/format.ts'
import { RemoveButton } from '../../components/remove-button.tsx'
import { useCommand } from '../../data/use-command.ts'
import { showDone } from '../../shell/notices.tsx'
import { alertSeverities } from '../../../shared/domain/alert.ts'
import { channelSet, channelWords, type ChannelDraft } from './channel-draft.ts'
import { ChannelFields } from './channel-fields.tsx'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './alerts.module.css'

/** Writes one channel. Secrets are never shown again: an empty field leaves the one that is there. */
export function ChannelEditor({ draft: given, onClose }: { draft: ChannelDraft; onClose(): void }) {
  const [draft, setDraft] = useState(given)
  const save = useCommand('alerts.setChannel', { isShownInPlace: true })
  const change = (part: Partial<ChannelDraft>): void => setDraft({ ...draft, ...part })
  const wanted = channelSet(draft)
  const set = 'set' in wanted ? wanted.set : null
  const run = async (): Promise<void> => {
    if (set === null) return
    const { channel } = await save.run({ ...(draft.channel === null ? {} : { channel: draft.channel }), set })
    showDone(`${channel.name} is set. Send a test, to see that it works.`)
    onClose()
  }
  const words = channelWords[draft.kind]
  return (
    <Modal opened onClose={onClose} title={given.channel === null ? `New channel: ${words.title}` : given.name} size="md">
      <form
        aria-label="Channel"
        onSubmit={(event) => {
          event.preventDefault()
          if (set !== null && !save.isRunning) void run().catch(() => undefined)
        }}
      >
        <Stack gap="sm">
          <p className={styles.intro}>{words.summary}</p>
          <TextInput
            label="Name"
            value={draft.name}
            maxLength={64}
            onChange={(event) => change({ name: event.currentTarget.value })}
            data-autofocus
          />
          <ChannelFields draft={draft} onChange={change} />
          <div>
            <div className={styles.label}>Told from severity</div>
            <SegmentedControl
              aria-label="Least severity"
              fullWidth
              value={draft.leastSeverity}
              onChange={(value) => change({ leastSeverity: alertSeverities.find((one) => one === value) ?? 'warning' })}
              data={[...alertSeverities]}
            />
          </div>
          <Checkbox
            label="Also tell when an alert is over"
            checked={draft.tellsResolved}
            onChange={(event) => change({ tellsResolved: event.currentTarget.checked })}
          />
          <Switch label="On" checked={draft.isEnabled} onChange={(event) => change({ isEnabled: event.currentTarget.checked })} />
          {save.problem !== null && <ProblemBox problem={save.problem} />}
          <p className="dim" role="status" style={{ margin: 0 }}>
            {'problem' in wanted ? wanted.problem : ''}
          </p>
          <Group justify="space-between">
            {draft.channel === null ? (
              <span />
            ) : (
              <RemoveButton
                {...{ method: 'alerts.removeChannel', input: { channel: draft.channel }, name: given.name, onDone: onClose }}
                action="Remove the channel"
                alsoDone={({ dropped }) => (dropped === 0 ? '' : ` ${plural(dropped, 'waiting notice')} dropped.`)}
              >
                Nothing is told by it any more, and what waits for it is dropped. Its secret is forgotten.
              </RemoveButton>
            )}
            <Group gap="xs">
              <Button onClick={onClose}>Cancel</Button>
              <MayButton method="alerts.setChannel" type="submit" variant="filled" disabled={set === null} loading={save.isRunning}>
                Save the channel
              </MayButton>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
