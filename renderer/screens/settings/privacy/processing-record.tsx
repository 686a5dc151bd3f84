import { Button, Group, Stack, Table } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { reportKinds, reportText, reportWords, type ReportKind } from '../../../../shared/domain/privacy/report.ts'
import type { PrivacyRecord } from '../../../../shared/rpc/contract/privacy.ts'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { formatCount } from '../../../components/format.ts'
import table from '../../../components/plain-table.module.css'
import { Section } from '../../../components/screen.tsx'
import { saveFile } from '../../../data/save-file.ts'

/** What is kept where, for how long, on which ground, and who may see it; and reports of it. */
export function ProcessingRecord({ record }: { record: PrivacyRecord }) {
  return (
    <Section title="Record of processing" actions={<CopyAsCommand command="npm run -s muster -- privacy record" isIcon />}>
      <Stack gap="sm">
        <Table className={table['table']} aria-label="Record of processing">
          <Table.Thead>
            <Table.Tr>
              {['What', 'Where', 'Personal', 'Kept', 'Ground', 'Who may see it', 'Rows'].map((title) => (
                <Table.Th key={title}>{title}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {record.rows.map((row) => (
              <Table.Tr key={row.what}>
                <Table.Td>{row.what}</Table.Td>
                <Table.Td className="foreign">{row.place}</Table.Td>
                <Table.Td>{row.isPersonal}</Table.Td>
                <Table.Td>{row.kept}</Table.Td>
                <Table.Td>{row.ground}</Table.Td>
                <Table.Td>{row.who}</Table.Td>
                <Table.Td>{row.rows === null ? null : formatCount(row.rows)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <p className="dim">
          How long telemetry is kept is set under Stored telemetry. Reports state what this console keeps and does, with its figures of now;
          they are templates and no legal advice.
        </p>
        {reportKinds.map((kind) => (
          <Report key={kind} kind={kind} record={record} />
        ))}
      </Stack>
    </Section>
  )
}

function Report({ kind, record }: { kind: ReportKind; record: PrivacyRecord }) {
  const words = reportWords[kind]
  return (
    <Group gap="xs">
      <span>{words}</span>
      <Button
        size="compact-xs"
        leftSection={<IconDownload size={12} />}
        aria-label={`${words} as Markdown`}
        onClick={() => saveFile(`${kind}.md`, reportText(kind, record, 'markdown'), 'text/markdown')}
      >
        Markdown
      </Button>
      <Button
        size="compact-xs"
        leftSection={<IconDownload size={12} />}
        aria-label={`${words} as HTML`}
        onClick={() => saveFile(`${kind}.html`, reportText(kind, record, 'html'), 'text/html')}
      >
        HTML
      </Button>
    </Group>
  )
}
