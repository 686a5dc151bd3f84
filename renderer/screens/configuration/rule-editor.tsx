import { ActionIcon, Button, Group, Modal, NumberInput, Stack, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { ProblemBox } from '../../components/answered.tsx'
import { QueryBox } from '../../components/query-box.tsx'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { showDone } from '../../shell/notices.tsx'
import { flagName } from '../../../shared/protocol/assignment.ts'
import type { InputOf } from '../../../shared/rpc/contract.ts'
import { RuleMasks } from './rule-masks.tsx'
import { RuleSettings } from './rule-settings.tsx'
import { draftOf, effectWords, settingsOf, targetOf, type FlagDraft, type RuleDraft, type SettingsDraft } from './rule-words.ts'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './configuration.module.css'

const titles = { fleet: 'Rule of the fleet', group: 'Rule of a group', device: 'Rule of a device' } as const

/** Writes one rule, and says before it is set how many devices change. */
export function RuleEditor({ draft, onClose }: { draft: RuleDraft; onClose(): void }) {
  const [name, setName] = useState(draft.name)
  const [query, setQuery] = useState(draft.query)
  const [priority, setPriority] = useState(draft.priority)
  const [isPending, setPending] = useState(false)
  const [settings, setSettings] = useState<SettingsDraft>(draftOf(draft.settings))
  const set = useCommand('config.set', { isShownInPlace: true })
  const unset = useCommand('config.unset', { isShownInPlace: true })
  const isNamed = draft.scope === 'fleet' || name !== ''
  const areFlagsNamed = settings.flags.every((flag) => flagName.safeParse(flag.name).success)
  const input: InputOf<'config.set'> = {
    target: targetOf(draft.scope, isNamed ? name : 'unnamed'),
    settings: settingsOf(settings),
    isWhole: true,
    ...(draft.scope === 'group' ? { query, priority } : {}),
  }
  const canAsk = isNamed && areFlagsNamed && !isPending
  const preview = useQuery('config.preview', { change: { do: 'set', ...input } }, { enabled: canAsk, keepsPrevious: true })
  const save = async (): Promise<void> => {
    const done = await set.run(input)
    showDone(effectWords(done))
    onClose()
  }
  const remove = async (): Promise<void> => {
    showDone(effectWords(await unset.run({ target: input.target })))
    onClose()
  }
  const problem = set.problem ?? unset.problem ?? (canAsk ? preview.error : null)
  return (
    <Modal opened onClose={onClose} title={draft.isNew ? titles[draft.scope] : `${titles[draft.scope]} ${draft.name}`} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (canAsk) void save().catch(() => undefined)
        }}
      >
        <Stack gap="sm">
          {draft.isNew && draft.scope === 'group' && (
            <TextInput
              label="Name"
              description="a-z, 0-9 and dash"
              value={name}
              maxLength={64}
              onChange={(event) => setName(event.currentTarget.value)}
              data-autofocus
            />
          )}
          {draft.isNew && draft.scope === 'device' && (
            <TextInput label="Device" value={name} maxLength={64} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
          )}
          {draft.scope === 'group' && (
            <>
              <div>
                <div className={styles.label}>Devices</div>
                <QueryBox value={query} onChange={setQuery} onPending={setPending} label="Devices of the group" />
              </div>
              <NumberInput
                label="Priority"
                description="Where several groups set the same, the higher wins; of equal ones the name that comes first."
                value={priority}
                min={-1000}
                max={1000}
                onChange={(value) => setPriority(Number(value))}
              />
            </>
          )}
          <RuleSettings settings={settings} onChange={(change) => setSettings({ ...settings, ...change })} />
          <RuleMasks masks={settings.masks} onChange={(masks) => setSettings({ ...settings, masks })} />
          <Flags flags={settings.flags} onChange={(flags) => setSettings({ ...settings, flags })} />
          {problem !== null && <ProblemBox problem={problem} />}
          <p role="status">
            {canAsk && preview.data !== undefined
              ? effectWords(preview.data)
              : areFlagsNamed
                ? 'How many devices change stands here before anything is set.'
                : 'A flag is named with a-z, 0-9, dot, dash and underscore, a letter first.'}
          </p>
          <Group justify="space-between">
            {draft.isNew ? (
              <span />
            ) : (
              <MayButton method="config.unset" color="red.9" loading={unset.isRunning} onClick={() => void remove().catch(() => undefined)}>
                Remove the rule
              </MayButton>
            )}
            <Group gap="xs">
              <Button onClick={onClose}>Cancel</Button>
              <MayButton method="config.set" type="submit" variant="filled" disabled={!canAsk} loading={set.isRunning}>
                Set the rule
              </MayButton>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function Flags({ flags, onChange }: { flags: readonly FlagDraft[]; onChange(flags: readonly FlagDraft[]): void }) {
  const put = (at: number, change: Partial<FlagDraft>): void => onChange(flags.map((flag, i) => (i === at ? { ...flag, ...change } : flag)))
  return (
    <div className={styles.flags}>
      <div className={styles.label}>Feature flags</div>
      <div className="dim">Applications on the device read them at GET /v1/config. true, false, a number or a text.</div>
      {flags.map((flag, i) => (
        // Flags have no identity but their place while they are written.
        <div key={i} className={styles.flag}>
          <TextInput
            aria-label={`Name of flag ${i + 1}`}
            placeholder="night-mode"
            value={flag.name}
            onChange={(event) => put(i, { name: event.currentTarget.value })}
          />
          <TextInput
            aria-label={`Value of flag ${i + 1}`}
            placeholder="true"
            value={flag.value}
            onChange={(event) => put(i, { value: event.currentTarget.value })}
          />
          <ActionIcon aria-label={`Remove flag ${i + 1}`} onClick={() => onChange(flags.filter((_, at) => at !== i))}>
            <IconTrash size={14} />
          </ActionIcon>
        </div>
      ))}
      <div>
        <Button variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => onChange([...flags, { name: '', value: 'true' }])}>
          Add a flag
        </Button>
      </div>
    </div>
  )
}
