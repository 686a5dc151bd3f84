import { plainFigure, type ReportTable } from '../../../shared/domain/report/document.ts'
import { counted, section, sectionOfThen, type ReportMaker } from './draft.ts'
import { decisionTable } from './model-report.ts'
import type { ReportSources } from './sources.ts'

/** What an auditor asks for: who decided what, what was done, who was erased, and what is kept. */
export const complianceReport: ReportMaker = (sources, scope) => {
  const { question } = scope
  const { store } = sources
  const period = { from: question.from, through: question.through }
  const actions = store.reportRows.actionsWithin(period)
  const decisions = decisionTable(sources, { question: { ...question, model: null } })
  const despite = decisions.rows.filter((row) => row[6] === 'yes').length
  const erasures = store.privacy.erasures().filter(({ at }) => at >= period.from && at < period.through)
  const entries = actions.reduce((sum, one) => sum + one.entries, 0)
  const record = sources.record()
  return Promise.resolve({
    title: 'Compliance report',
    sentence: `${counted(entries, 'entry', 'entries')} in the audit log, ${counted(decisions.rows.length, 'decision', 'decisions')} about versions (${despite} despite gates), ${counted(erasures.length, 'erasure', 'erasures')} of people.`,
    models: record.models.map(({ model, version, digest }) => ({ deployment: '', model, version, digest })),
    sections: [
      section('summary', 'Summary', [
        {
          kind: 'figures',
          id: 'summary',
          figures: [
            plainFigure({ id: 'entries', label: 'Entries in the audit log', unit: 'count', value: entries }),
            plainFigure({ id: 'decisions', label: 'Decisions about versions', unit: 'count', value: decisions.rows.length }),
            plainFigure({ id: 'despite', label: 'Decisions despite gates', unit: 'count', value: despite }),
            plainFigure({ id: 'erasures', label: 'Erasures of people', unit: 'count', value: erasures.length }),
          ],
        },
      ]),
      section('decisions', 'Approvals', [decisions]),
      section('audit', 'What was done', [actionTable(actions)]),
      section('erasures', 'Erasures', [
        {
          ...{ kind: 'table', id: 'erasures', title: '', keys: 1, note: 'People stand here by the hash that devices make of them.' },
          columns: [
            { id: 'subject', label: 'Subject', unit: 'text' },
            { id: 'at', label: 'Asked', unit: 'time' },
            { id: 'by', label: 'By', unit: 'text' },
          ],
          rows: erasures.map(({ subject, at, by }) => [subject, at, by]),
        },
      ]),
      sectionOfThen('keeping', 'What was kept when the report was made', keepingBlocks(record)),
    ],
  })
}

function actionTable(actions: ReturnType<ReportSources['store']['reportRows']['actionsWithin']>): ReportTable {
  return {
    ...{ kind: 'table', id: 'actions', title: 'Entries of the audit log by action', keys: 1, note: '' },
    columns: [
      { id: 'action', label: 'Action', unit: 'text' },
      { id: 'entries', label: 'Entries', unit: 'count' },
      { id: 'actors', label: 'Actors', unit: 'count' },
    ],
    rows: actions.map(({ action, entries, actors }) => [action, entries, actors]),
  }
}

type Blocks = Parameters<typeof sectionOfThen>[2]

function keepingBlocks(record: ReturnType<ReportSources['record']>): Blocks {
  const { audit, people, backups, rows } = record
  return [
    {
      kind: 'figures',
      id: 'controls',
      figures: [
        plainFigure({ id: 'audit-size', label: 'Entries of the audit log', unit: 'count', value: audit.entries }),
        plainFigure({ id: 'checkpoints', label: 'Signed checkpoints', unit: 'count', value: audit.checkpoints }),
        plainFigure({
          ...{ id: 'verified', label: 'Audit log verified', unit: 'text' },
          value:
            audit.isVerified === null ? 'not since the console started' : audit.isVerified ? 'yes, without a finding' : 'with findings',
        }),
        plainFigure({ id: 'accounts', label: 'Accounts', unit: 'count', value: people.accounts }),
        plainFigure({ id: 'admins', label: 'of them admins', unit: 'count', value: people.admins }),
        plainFigure({ id: 'backups', label: 'Backups', unit: 'count', value: backups.count }),
        plainFigure({ id: 'newest-backup', label: 'Newest backup', unit: 'time', value: backups.newestAt }),
      ],
    },
    {
      ...{ kind: 'table', id: 'record', title: 'Record of processing', keys: 1, note: 'A template, and no legal advice.' },
      columns: [
        { id: 'what', label: 'What', unit: 'text' },
        { id: 'place', label: 'Where', unit: 'text' },
        { id: 'personal', label: 'Personal', unit: 'text' },
        { id: 'kept', label: 'Kept', unit: 'text' },
        { id: 'ground', label: 'Ground', unit: 'text' },
        { id: 'rows', label: 'Rows', unit: 'count' },
      ],
      rows: rows.map((row) => [row.what, row.place, row.isPersonal, row.kept, row.ground, row.rows]),
    },
  ]
}
