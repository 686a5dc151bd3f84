import { Problem } from '../../../shared/domain/problem.ts'
import { reportTemplates, type ReportTemplate } from '../../../shared/domain/report/kinds.ts'
import type { ReportTemplateShown } from '../../../shared/rpc/contract/reports.ts'
import type { SettingTable } from '../store/fleet/settings.ts'
import { checkSubject } from './check-subject.ts'

/** A template that somebody of this fleet has saved. */
export interface OwnTemplate extends ReportTemplate {
  setAt: number
  setBy: string
}

/** Templates that a fleet has; beyond it somebody saves a template for every report. */
const MOST_TEMPLATES = 200

type Kept = Pick<SettingTable, 'get' | 'set'>

const isBuiltIn = (name: string): boolean => reportTemplates.some((one) => one.name === name)
const ownOf = (settings: Kept): OwnTemplate[] => settings.get('reportTemplates') ?? []

/** All templates: those that come with Muster first, then those of the fleet by name. */
export function listTemplates(settings: Kept): ReportTemplateShown[] {
  return [...reportTemplates.map((one) => ({ ...one, setAt: null, setBy: null })), ...ownOf(settings)]
}

/** Keeps a template in the caller's transaction. @throws Problem `input.invalid` */
export function keepTemplate(settings: Kept, template: OwnTemplate): void {
  if (isBuiltIn(template.name))
    throw new Problem('input.invalid', `'${template.name}' is the name of a template that comes with Muster: choose another name.`)
  checkSubject(template.subject)
  const others = ownOf(settings).filter(({ name }) => name !== template.name)
  if (others.length >= MOST_TEMPLATES) throw new Problem('input.invalid', `There are ${MOST_TEMPLATES} templates: remove one first.`)
  const byName = (a: OwnTemplate, b: OwnTemplate): number => (a.name < b.name ? -1 : 1)
  settings.set('reportTemplates', [...others, template].sort(byName))
}

/** Removes a template in the caller's transaction. @throws Problem `report.template-not-found`, `input.invalid` */
export function removeTemplate(settings: Kept, name: string): void {
  if (isBuiltIn(name)) throw new Problem('input.invalid', `'${name}' comes with Muster and stays.`)
  const before = ownOf(settings)
  const left = before.filter((one) => one.name !== name)
  if (left.length === before.length) throw new Problem('report.template-not-found', `There is no template '${name}'.`)
  settings.set('reportTemplates', left)
}
