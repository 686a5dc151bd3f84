import { Problem } from '../../../shared/domain/problem.ts'
import type { ReportDocument } from '../../../shared/domain/report/document.ts'
import type { ReportKind, ReportQuestion } from '../../../shared/domain/report/kinds.ts'
import { selectEntries } from '../devices/summary.ts'
import { readPeriod } from './borders.ts'
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

/** The devices that a question is about now. @throws Problem `input.invalid`, QueryProblem */
export function scopeOf({ store, telemetry }: ReportSources, question: ReportQuestion): ReportScope {
  if (question.through <= question.from) throw new Problem('input.invalid', 'The period ends before it begins.')
  if (question.query !== '') {
    const selected = selectEntries(store, question.query).map(({ row }) => row.device)
    const members = new Set(membersWithin({ store }, question))
    return { question, isWhole: false, devices: selected.filter((device) => members.has(device)) }
  }
  const { from, through } = question
  const told = telemetry.slices.devicesOf({ devices: null, from, through })
  return { question, isWhole: true, devices: [...new Set([...membersWithin({ store }, { from, through }), ...told])].sort() }
}

/** Makes the document of a report. The same question over the same store gives the same values. @throws what the signal was aborted with */
export async function makeReport(sources: ReportSources, scope: ReportScope, work: ReportWork): Promise<ReportDocument> {
  const { isWhole, devices } = scope
  const { note, ...period } = readPeriod(sources, scope.question)
  const question = { ...scope.question, ...period }
  const draft = await makers[question.kind](sources, { ...scope, question }, work)
  return {
    ...{
      v: 1,
      kind: question.kind,
      ...draft,
      sections: noted(draft.sections, note),
      fleet: sources.fleetName(),
      currency: sources.costs.sheet().currency,
    },
    ...{ question, isWhole, devices: [...devices], madeAt: sources.now(), madeBy: sources.version },
  }
}

/** What must be said of the period stands before everything else. */
function noted([first, ...rest]: ReportDocument['sections'], note: string | null): ReportDocument['sections'] {
  if (first === undefined || note === null) return first === undefined ? [] : [first, ...rest]
  return [{ ...first, blocks: [{ kind: 'sentence', text: note }, ...first.blocks] }, ...rest]
}
