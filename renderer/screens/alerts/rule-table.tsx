import { Switch, Table } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { StateMark } from '../../components/state-mark.tsx'
import { paths } from '../../data/paths.ts'
import { useCommand } from '../../data/use-command.ts'
import { useMay } from '../../data/use-may.ts'
import { showDone } from '../../shell/notices.tsx'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { SeverityMark } from './alert-marks.tsx'
import { lengthText } from './length-text.ts'
import { conditionText, kindWords, placeText } from './rule-words.ts'
import { severityStates } from './alert-words.ts'
import styles from './alerts.module.css'

type Rule = OutputOf<'alerts.rules'>['rules'][number]

/** Every rule with what it sees now. */
export function RuleTable({ rules, onOpen }: { rules: readonly Rule[]; onOpen(rule: string): void }) {
  return (
    <Table className={styles.table} aria-label="Rules">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>On</Table.Th>
          <Table.Th>Rule</Table.Th>
          <Table.Th>Condition</Table.Th>
          <Table.Th>Looks at</Table.Th>
          <Table.Th>Severity</Table.Th>
          <Table.Th>Now</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rules.map((rule) => (
          <Table.Tr key={rule.rule}>
            <Table.Td>
              <OnSwitch rule={rule} />
            </Table.Td>
            <Table.Td className={styles.ruleName}>
              <button type="button" className={styles.open} onClick={() => onOpen(rule.rule)}>
                {rule.name}
              </button>
              <div className={styles.under}>
                {kindWords[rule.condition.kind].title}, {rule.isBuiltIn ? 'built in' : 'own'}
                {rule.holdsReleases ? ', holds releases' : ''}
              </div>
            </Table.Td>
            <Table.Td>
              {conditionText(rule.condition)}
              {rule.forMs > 0 && `, for ${lengthText(rule.forMs)}`}
              {rule.thresholdWords !== '' && <div className={styles.under}>{rule.thresholdWords}</div>}
            </Table.Td>
            <Table.Td>
              <span className={rule.query === '' ? undefined : 'mono foreign'}>{placeText(rule)}</span>
              <div className={styles.under}>one alert per {rule.per}</div>
            </Table.Td>
            <Table.Td>
              <SeverityMark severity={rule.severity} />
            </Table.Td>
            <Table.Td>
              <Now rule={rule} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Now({ rule }: { rule: Rule }) {
  if (!rule.isEnabled) return <StateMark state="offline" word="off" />
  if (rule.firing === 0 && rule.pending === 0) return <StateMark state="ok" word="quiet" />
  return (
    <RouteLink href={`${paths.alertsTab('history')}&${new URLSearchParams({ rule: rule.rule }).toString()}`} className={styles.now}>
      {rule.firing > 0 && <StateMark state={severityStates[rule.severity]} word={`${rule.firing} firing`} />}
      {rule.pending > 0 && <StateMark state="unsure" word={`${rule.pending} pending`} />}
    </RouteLink>
  )
}

function OnSwitch({ rule }: { rule: Rule }) {
  const enable = useCommand('alerts.enableRule')
  const why = useMay('alerts.enableRule')
  const set = (isEnabled: boolean): Promise<unknown> => enable.run({ rule: rule.rule, isEnabled })
  return (
    <Switch
      aria-label={`${rule.name} is on`}
      checked={rule.isEnabled}
      disabled={enable.isRunning || why !== null}
      title={why ?? undefined}
      onChange={(event) => {
        const isEnabled = event.currentTarget.checked
        set(isEnabled).then(
          () =>
            showDone(`${rule.name} is switched ${isEnabled ? 'on' : 'off'}.`, {
              undo: () => void set(!isEnabled).catch(() => undefined),
            }),
          () => undefined,
        )
      }}
    />
  )
}
