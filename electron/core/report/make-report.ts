import { setImmediate } from 'node:timers/promises'
import { Problem } from '../../../shared/domain/problem.ts'
import type { ReportDocument } from '../../../shared/domain/report/document.ts'
import { reportKindReads, type ReportKind, type ReportQuestion } from '../../../shared/domain/report/kinds.ts'
import { shownText, withTexts } from '../../../shared/domain/report/texts.ts'
import { selectEntries } from '../devices/summary.ts'
import { readPeriod } from './borders.ts'
import { checkDocument } from './check-document.ts'
import { checkSubject } from './check-subject.ts'
import { complianceReport } from './compliance-report.ts'
import { costReport } from './cost-report.ts'
import { membersWithin } from './device-spans.ts'
import type { ReportMaker } from './draft.ts'
import { fleetReport } from './fleet-report.ts'
import { incidentReport } from './incident-report.ts'
import { modelReport } from './model-report.ts'
import { rolloutReport } from './rollout-report.ts'
import type { ReportScope, ReportSources, ReportWork } from './sources.ts'

const makers: Record<ReportKind, ReportMaker> = {
  fleet: fleetReport,
  model: modelReport,
  rollout: rolloutReport,
  incident: incidentReport,
  compliance: complianceReport,
  cost: costReport,
}

/** The devices that a question is about now; of a kind that reads no query it is about none. @throws Problem `input.invalid`, QueryProblem */
export function scopeOf({ store, telemetry }: ReportSources, question: ReportQuestion): ReportScope {
  if (question.through <= question.from) throw new Problem('input.invalid', 'The period ends before it begins.')
  checkSubject(question)
  if (!reportKindReads[question.kind].includes('query')) return { question, isWhole: true, devices: [] }
  if (question.query !== '') {
    const selected = selectEntries(store, question.query).map(({ row }) => row.device)
    const members = new Set(membersWithin({ store }, question))
    return { question, isWhole: false, devices: selected.filter((device) => members.has(device)) }
  }
  const { from, through } = question
  const members = membersWithin({ store }, { from, through })
  // What the fleet does not know of any more, and telemetry does, was removed before removals were noted.
  const known = new Set([...members, ...store.roster.all().map(({ row }) => row.device)])
  const others = [...telemetry.lastArrivals().keys()].filter((device) => !known.has(device))
  const told = others.length === 0 ? [] : telemetry.slices.devicesOf({ devices: others, from, through })
  return { question, isWhole: true, devices: [...members, ...told].sort() }
}

/** Makes the document of a report. The same question over the same store gives the same values. @throws what the signal was aborted with */
export async function makeReport(sources: ReportSources, scope: ReportScope, work: ReportWork): Promise<ReportDocument> {
  const { isWhole, devices } = scope
  const { note, ...period } = readPeriod(sources, scope.question)
  const question = { ...scope.question, ...period }
  const draft = await makers[question.kind](sources, { ...scope, question }, work)
  const document: ReportDocument = {
    ...{ v: 1, kind: question.kind, ...draft, sections: noted(draft.sections, note), fleet: sources.fleetName() },
    ...{
      currency: sources.costs.sheet().currency,
      question,
      isWhole,
      devices: [...devices],
      madeAt: sources.now(),
      madeBy: sources.version,
    },
  }
  // Of a large fleet each of these takes some hundredths of a second.
  await setImmediate()
  const shown = withTexts(document, shownText)
  await setImmediate()
  await checkDocument(shown)
  return shown
}

/** What must be said of the period stands before everything else. */
function noted([first, ...rest]: ReportDocument['sections'], note: string | null): ReportDocument['sections'] {
  if (first === undefined || note === null) return first === undefined ? [] : [first, ...rest]
  return [{ ...first, blocks: [{ kind: 'sentence', text: note, isOfQuestion: true }, ...first.blocks] }, ...rest]
}
