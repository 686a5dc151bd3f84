import { Button, Select } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useSearchParams } from 'wouter'
import type { ReportFormat, ReportSubject } from '../../../shared/domain/report/kinds.ts'
import { Loading, ProblemBox } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Screen, Section } from '../../components/screen.tsx'
import { useNow } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useGo } from '../../data/url-state.ts'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { draftOfDays, draftOfSpan, spanOf, zoneHere, type PeriodDraft } from './period-words.ts'
import { FormatFields, PeriodFields, ZoneField } from './question-fields.tsx'
import { reportLines, type Report, type Template } from './reports-view.ts'
import { SubjectFields } from './subject-fields.tsx'
import { TemplateDialog } from './template-dialog.tsx'
import styles from './reports.module.css'

interface Draft {
  subject: ReportSubject
  period: PeriodDraft
  zone: string
  formats: ReportFormat[]
}

const wholeFleet: ReportSubject = { kind: 'fleet', query: '', model: null, rollout: null }

function freshDraft(template: Template | undefined, now: number): Draft {
  const period = draftOfDays(template?.days ?? 7, zoneHere, now)
  return { subject: template?.subject ?? wholeFleet, period, zone: zoneHere, formats: ['html', 'pdf'] }
}

function draftOfReport({ question, files }: Report): Draft {
  const { kind, query, model, rollout, zone } = question
  const formats = files.flatMap(({ format }) => (format === 'json' ? [] : [format]))
  return { subject: { kind, query, model, rollout }, period: draftOfSpan(question), zone, formats }
}

/** The form of a report: what it is about, its period, and what it is written as. */
export function NewReport() {
  const [given] = useSearchParams()
  const name = given.get('template')
  const from = Number(given.get('from') ?? 0)
  const templates = useQuery('reports.templates', {})
  const before = useQuery('reports.show', { report: from }, { enabled: from > 0 })
  const now = useNow()
  const isReady = (name === null || templates.data !== undefined) && (from === 0 || before.data !== undefined || before.error !== null)
  if (!isReady)
    return (
      <Screen title="New report">
        {templates.error === null ? <Loading /> : <ProblemBox problem={templates.error} onRetry={() => void templates.refetch()} />}
      </Screen>
    )
  const template = templates.data?.templates.find((one) => one.name === name)
  const draft = before.data === undefined ? freshDraft(template, now) : draftOfReport(before.data)
  return <ReportForm key={`${name} ${from}`} start={draft} templates={templates.data?.templates ?? []} chosen={template?.name ?? null} />
}

function ReportForm({ start, templates, chosen }: { start: Draft; templates: readonly Template[]; chosen: string | null }) {
  const [draft, setDraft] = useState(start)
  const [name, setName] = useState(chosen)
  const [isPending, setPending] = useState(false)
  const [isSaving, setSaving] = useState(false)
  const go = useGo()
  const now = useNow()
  const create = useCommand('reports.create', { isShownInPlace: true })
  const { subject, period, zone, formats } = draft
  const span = spanOf(period, zone, now)
  const isReady = span !== null && !isPending
  const change = (part: Partial<Draft>): void => setDraft((old) => ({ ...old, ...part }))
  const submit = (): void => {
    if (span === null || isPending || create.isRunning) return
    create
      .run({ ...subject, ...span, zone, formats: formats.length === 0 ? ['json'] : formats })
      .then(({ report }) => go(paths.report(report)))
      .catch(() => undefined)
  }
  useSubmitKey(submit)
  return (
    <Screen
      title="New report"
      actions={span !== null && <CopyAsCommand command={reportLines.create(subject, { ...span, zone, formats })} isIcon />}
      isFlush
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <div className={styles.fields}>
          <Section title="What it is about">
            <div className={styles.parts}>
              <TemplateField
                templates={templates}
                chosen={name}
                onChoose={(template) => {
                  setName(template.name)
                  setDraft({ ...freshDraft(template, now), formats })
                }}
              />
              <SubjectFields
                subject={subject}
                onPending={setPending}
                onChange={(next) => {
                  setName(null)
                  change({ subject: next })
                }}
              />
            </div>
          </Section>
          <Section title="Which period">
            <div className={styles.parts}>
              <PeriodFields draft={period} zone={zone} span={span} onChange={(next) => change({ period: next })} />
              <div className={styles.pair}>
                <ZoneField
                  value={zone}
                  onChange={(next) => change({ zone: next })}
                  description="Days begin in it, and times are written in it"
                />
              </div>
            </div>
          </Section>
          <Section title="Written as">
            <FormatFields formats={formats} onChange={(next) => change({ formats: next })} />
          </Section>
          {create.problem !== null && <ProblemBox problem={create.problem} />}
          <div className={styles.line}>
            <MayButton method="reports.create" type="submit" variant="filled" disabled={!isReady} loading={create.isRunning}>
              Make the report
            </MayButton>
            <MayButton method="reports.setTemplate" disabled={isPending} onClick={() => setSaving(true)}>
              Save as a template
            </MayButton>
            <Button onClick={() => go(paths.reports)}>Cancel</Button>
            <span className="dim">Other formats are written later, when somebody takes them.</span>
          </div>
        </div>
      </form>
      {isSaving && (
        <TemplateDialog
          start={{
            name: '',
            subject,
            days: span === null ? 7 : Math.max(1, Math.round((span.through - span.from) / 86_400_000)),
            summary: '',
          }}
          isNew
          onClose={() => setSaving(false)}
        />
      )}
    </Screen>
  )
}

/** Ctrl+Enter does what the main button does. */
function useSubmitKey(submit: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && document.querySelector('[role="dialog"]') === null) submit()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  })
}

function TemplateField({
  templates,
  chosen,
  onChoose,
}: {
  templates: readonly Template[]
  chosen: string | null
  onChoose(template: Template): void
}) {
  const summary = templates.find(({ name }) => name === chosen)?.summary ?? ''
  return (
    <Select
      label="Template"
      description={summary === '' ? 'Fills this form; nothing more hangs on it' : summary}
      placeholder="None"
      value={chosen}
      onChange={(name) => {
        const template = templates.find((one) => one.name === name)
        if (template !== undefined) onChoose(template)
      }}
      data={templates.map(({ name }) => name)}
      searchable
      maw={360}
    />
  )
}
