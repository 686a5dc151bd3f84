import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { Answered, EmptyState } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { plural } from '../../components/format.ts'
import { Screen, Section } from '../../components/screen.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { useQuery } from '../../data/use-query.ts'
import { RuleEditor } from './rule-editor.tsx'
import { RuleTable } from './rule-table.tsx'
import type { Rule, RuleDraft } from './rule-words.ts'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './configuration.module.css'

const emptyFleet: RuleDraft = { scope: 'fleet', name: '', query: '', priority: 0, settings: {}, isNew: true }

/** Runtime configuration and feature flags: rules of the fleet, of groups and of single devices. */
export function Configuration() {
  const answer = useQuery('config.list', {})
  const [edited, edit] = useState<RuleDraft | null>(null)
  const open = (rule: Rule): void => edit({ ...rule, query: rule.query ?? '', isNew: false })
  return (
    <Screen
      title="Configuration"
      beside={
        answer.data !== undefined &&
        answer.data.pending > 0 && <StateMark state="working" word={`${plural(answer.data.pending, 'device')} still to be signed for`} />
      }
      actions={
        <>
          <CopyAsCommand command="npm run -s muster -- config list" isIcon />
          <MayButton method="config.set" leftSection={<IconPlus size={14} />} onClick={() => edit({ ...emptyFleet, scope: 'device' })}>
            Rule of a device
          </MayButton>
          <MayButton
            method="config.set"
            variant="filled"
            leftSection={<IconPlus size={14} />}
            onClick={() => edit({ ...emptyFleet, scope: 'group' })}
          >
            Rule of a group
          </MayButton>
        </>
      }
    >
      <p className={styles.intro}>
        Devices take these settings over while they run, as part of their signed orders. Of each setting and each flag, the most specific
        rule counts: of the device, then of a group, then of the fleet.
      </p>
      <Answered answer={answer}>
        {({ fleet, groups, devices, deviceRules }) => (
          <div className={styles.page}>
            <Section
              title="Fleet"
              actions={
                <MayButton method="config.set" onClick={() => (fleet === null ? edit(emptyFleet) : open(fleet))}>
                  {fleet === null ? 'Set a rule' : 'Edit'}
                </MayButton>
              }
            >
              {fleet === null ? (
                <p className="dim">No rule: windows of 60 s, no samples, log level as each device is set, no flags.</p>
              ) : (
                <RuleTable rules={[fleet]} label="Rule of the fleet" onOpen={open} />
              )}
            </Section>
            <Section title="Groups">
              {groups.length === 0 ? (
                <EmptyState title="No group has a rule">
                  A group is a query, such as site = &quot;lyon&quot;. Devices that match it later get its settings by themselves.
                </EmptyState>
              ) : (
                <RuleTable rules={groups} label="Rules of groups, the one that wins first" onOpen={open} />
              )}
            </Section>
            <Section title="Devices">
              {devices.length === 0 ? (
                <p className="dim">No device has a rule of its own.</p>
              ) : (
                <RuleTable rules={devices} label="Rules of devices" onOpen={open} />
              )}
              {deviceRules > devices.length && (
                <p className="dim">And {plural(deviceRules - devices.length, 'further device')}; the command line lists them all.</p>
              )}
            </Section>
          </div>
        )}
      </Answered>
      {edited !== null && <RuleEditor key={`${edited.scope} ${edited.name}`} draft={edited} onClose={() => edit(null)} />}
    </Screen>
  )
}
