import { Menu } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { Answered } from '../../components/answered.tsx'
import { useQuery } from '../../data/use-query.ts'
import { alertConditionKinds } from '../../../shared/domain/alert.ts'
import type { AlertsView } from './alerts-view.ts'
import { draftOfRule, freshRule, type RuleDraft } from './rule-draft.ts'
import { RuleEditor } from './rule-editor.tsx'
import { RuleTable } from './rule-table.tsx'
import { kindWords } from './rule-words.ts'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './alerts.module.css'

/** What is looked for, what each rule sees now, and their editor. */
export function Rules({ view, onView }: { view: AlertsView; onView(change: Partial<AlertsView>): void }) {
  const answer = useQuery('alerts.rules', {})
  const [fresh, setFresh] = useState<RuleDraft | null>(null)
  return (
    <div className={styles.scroll}>
      <Answered answer={answer}>
        {({ rules, runbooks, kinds }) => {
          const opened = rules.find(({ rule }) => rule === view.rule)
          const draft = fresh ?? (opened === undefined ? null : draftOfRule(opened))
          return (
            <>
              <div className={styles.ruleHead}>
                <p className={styles.intro}>
                  A rule that holds long enough becomes an alert. Its thresholds follow from the budget of false alarms where nothing else
                  is said.
                </p>
                <Menu position="bottom-end">
                  <Menu.Target>
                    <MayButton method="alerts.setRule" variant="filled" leftSection={<IconPlus size={14} />}>
                      New rule
                    </MayButton>
                  </Menu.Target>
                  <Menu.Dropdown>
                    {alertConditionKinds
                      .filter((kind) => kinds.includes(kind))
                      .map((kind) => (
                        <Menu.Item key={kind} onClick={() => setFresh(freshRule(kind))}>
                          {kindWords[kind].title}
                          <div className={styles.under}>{kindWords[kind].summary}</div>
                        </Menu.Item>
                      ))}
                  </Menu.Dropdown>
                </Menu>
              </div>
              <RuleTable rules={rules} onOpen={(rule) => onView({ rule })} />
              {draft !== null && (
                <RuleEditor
                  key={draft.rule ?? 'new'}
                  draft={draft}
                  runbooks={runbooks}
                  thresholdWords={opened?.thresholdWords ?? ''}
                  onClose={() => {
                    setFresh(null)
                    onView({ rule: '' })
                  }}
                />
              )}
            </>
          )
        }}
      </Answered>
    </div>
  )
}
