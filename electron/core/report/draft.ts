import type { ReportDocument, ReportSection } from '../../../shared/domain/report/document.ts'
import type { VersionTraffic } from './gather.ts'
import type { ReportScope, ReportSources, ReportWork } from './sources.ts'

/** What a kind of report finds out; the rest of the document is the same for all. */
export type ReportDraft = Pick<ReportDocument, 'title' | 'sentence' | 'models' | 'sections'>

/** Makes one kind of report. It reads, and changes nothing. @throws Problem `input.invalid`, the reason of the signal */
export type ReportMaker = (sources: ReportSources, scope: ReportScope, work: ReportWork) => Promise<ReportDraft>

/** A section with what can be found out again. */
export function section(id: string, title: string, blocks: ReportSection['blocks']): ReportSection {
  return { id, title, isOfThen: false, blocks }
}

/** A section that says how things stood when the report was made. */
export function sectionOfThen(id: string, title: string, blocks: ReportSection['blocks']): ReportSection {
  return { id, title, isOfThen: true, blocks }
}

/** Bundles that answered, without those that are unknown by their digest. */
export function modelsOf(versions: readonly VersionTraffic[]): ReportDraft['models'] {
  return versions.map(({ deployment, model, version, digest }) => ({ deployment, model, version, digest }))
}

/** A count with its noun. */
export function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}
