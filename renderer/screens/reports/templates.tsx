import { Group } from '@mantine/core'
import { useState } from 'react'
import type { ReportTemplate } from '../../../shared/domain/report/kinds.ts'
import { Answered } from '../../components/answered.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { plural } from '../../components/format.ts'
import { paths } from '../../data/paths.ts'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { showDone } from '../../shell/notices.tsx'
import { devicesText, kindTitles, narrowedText, type Template } from './reports-view.ts'
import { TemplateDialog } from './template-dialog.tsx'
import styles from './reports.module.css'

const fresh: ReportTemplate = { name: '', subject: { kind: 'fleet', query: '', model: null, rollout: null }, days: 7, summary: '' }

/** Reports under a name: those that come with Muster, and those of this fleet. */
export function Templates() {
  const answer = useQuery('reports.templates', {})
  const [editing, setEditing] = useState<{ start: ReportTemplate; isNew: boolean } | null>(null)
  const [removing, setRemoving] = useState<string | null>(null)
  return (
    <div className={styles.scroll}>
      <div className={styles.line}>
        <MayButton method="reports.setTemplate" onClick={() => setEditing({ start: fresh, isNew: true })}>
          New template
        </MayButton>
        <span className="dim">A template fills the form of a report, and names it on the command line.</span>
      </div>
      <Answered answer={answer}>
        {({ templates }) => (
          <table className={styles.table} aria-label="Templates">
            <thead>
              <tr>
                <th>Name</th>
                <th>Kind</th>
                <th>Devices</th>
                <th>Period</th>
                <th>What it is for</th>
                <th>Saved by</th>
                <th data-actions>What to do</th>
              </tr>
            </thead>
            <tbody>
              {templates.map((template) => (
                <Row
                  key={template.name}
                  template={template}
                  onEdit={() => setEditing({ start: template, isNew: false })}
                  onRemove={() => setRemoving(template.name)}
                />
              ))}
            </tbody>
          </table>
        )}
      </Answered>
      {editing !== null && <TemplateDialog {...editing} start={plainOf(editing.start)} onClose={() => setEditing(null)} />}
      <RemoveTemplate name={removing} onClose={() => setRemoving(null)} />
    </div>
  )
}

/** What is saved of it; who saved it, and when, is for the core to say. */
function plainOf({ name, subject, days, summary }: ReportTemplate): ReportTemplate {
  return { name, subject, days, summary }
}

function Row({ template, onEdit, onRemove }: { template: Template; onEdit(): void; onRemove(): void }) {
  const { name, subject, days, summary, setBy } = template
  const narrowed = narrowedText(subject)
  return (
    <tr>
      <td className="mono">{name}</td>
      <td>{kindTitles[subject.kind]}</td>
      <td className="foreign">{[narrowed, devicesText(subject.query)].filter(Boolean).join(', ')}</td>
      <td data-nowrap>{plural(days, 'day')}</td>
      <td className="foreign">{summary}</td>
      <td className="foreign">{setBy ?? <span className="dim">Muster</span>}</td>
      <td data-actions>
        <Group gap={4} wrap="nowrap" justify="flex-end">
          <MayButton method="reports.create" size="compact-xs" href={paths.newReport({ template: name })} aria-label={`Use ${name}`}>
            Use
          </MayButton>
          {setBy !== null && (
            <>
              <MayButton method="reports.setTemplate" size="compact-xs" aria-label={`Edit ${name}`} onClick={onEdit}>
                Edit
              </MayButton>
              <MayButton method="reports.removeTemplate" size="compact-xs" aria-label={`Remove ${name}`} onClick={onRemove}>
                Remove
              </MayButton>
            </>
          )}
        </Group>
      </td>
    </tr>
  )
}

function RemoveTemplate({ name, onClose }: { name: string | null; onClose(): void }) {
  const remove = useCommand('reports.removeTemplate')
  return (
    <Confirm
      isOpen={name !== null}
      title={`Remove the template ${name ?? ''}`}
      action="Remove the template"
      isBusy={remove.isRunning}
      onClose={onClose}
      onConfirm={() => {
        remove
          .run({ name: name! })
          .then(() => showDone(`The template ${name} was removed.`))
          .catch(() => undefined)
          .finally(onClose)
      }}
    >
      <p>Reports and schedules that were made from it stay as they are.</p>
    </Confirm>
  )
}
