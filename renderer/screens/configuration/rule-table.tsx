import { Table } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { formatCount } from '../../components/format.ts'
import { Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { pairsOf, type Rule } from './rule-words.ts'
import styles from './configuration.module.css'

/** Rules with what they set, for how many devices, and by whom. */
export function RuleTable({ rules, label, onOpen }: { rules: readonly Rule[]; label: string; onOpen(rule: Rule): void }) {
  return (
    <Table className={styles.table} aria-label={label}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Rule</Table.Th>
          <Table.Th>For</Table.Th>
          <Table.Th>Sets</Table.Th>
          <Table.Th>Devices</Table.Th>
          <Table.Th>Set</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rules.map((rule) => (
          <Table.Tr key={`${rule.scope} ${rule.name}`}>
            <Table.Td>
              <button type="button" className={`foreign ${styles.open}`} onClick={() => onOpen(rule)}>
                {rule.scope === 'fleet' ? 'The fleet' : rule.name}
              </button>
              {rule.priority !== 0 && <span className="dim"> priority {rule.priority}</span>}
            </Table.Td>
            <Table.Td className="foreign">
              <For rule={rule} />
            </Table.Td>
            <Table.Td>
              <span className={`foreign ${styles.settings}`}>
                {pairsOf(rule.settings).map(({ name, value }) => (
                  <span key={name}>
                    <span className="dim">{name}</span> {value}
                  </span>
                ))}
                {pairsOf(rule.settings).length === 0 && <span className="dim">nothing</span>}
              </span>
            </Table.Td>
            <Table.Td>{formatCount(rule.devices)}</Table.Td>
            <Table.Td className="foreign">
              <Ago at={rule.setAt} /> <span className="dim">by {rule.setBy}</span>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function For({ rule }: { rule: Rule }) {
  if (rule.scope === 'device') return <RouteLink href={paths.device(rule.name)}>this device</RouteLink>
  const query = rule.query ?? ''
  return <RouteLink href={paths.devices(query)}>{query === '' ? 'all devices' : <code>{query}</code>}</RouteLink>
}
