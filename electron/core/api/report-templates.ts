import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { selectEntries } from '../devices/summary.ts'
import { keepTemplate, listTemplates, removeTemplate } from '../report/templates.ts'
import type { ApiParts } from './parts.ts'

type Names = 'reports.templates' | 'reports.setTemplate' | 'reports.removeTemplate' | 'reports.keeping' | 'reports.setKeeping'

/** Handlers of what reports are asked for under a name, and how long they are kept. */
export function templatesHandlers({ store, now, changed }: Pick<ApiParts, 'store' | 'now' | 'changed'>): Pick<Handlers, Names> {
  const { settings } = store
  const tell = (): void => changed('reports')
  return {
    'reports.templates': () => ({ templates: listTemplates(settings) }),
    'reports.setTemplate': (input, { caller, afterCommit }) => {
      // A query that cannot be read is refused here, and not when the report is made.
      selectEntries(store, input.subject.query)
      const template = { ...input, setAt: now(), setBy: caller.actor }
      keepTemplate(settings, template)
      afterCommit(tell)
      return template
    },
    'reports.removeTemplate': ({ name }, { afterCommit }) => {
      removeTemplate(settings, name)
      afterCommit(tell)
      return { name }
    },
    'reports.keeping': () => ({ keepDays: settings.get('reportKeepDays') ?? null }),
    'reports.setKeeping': ({ keepDays }, { afterCommit }) => {
      settings.set('reportKeepDays', keepDays)
      afterCommit(tell)
      return { keepDays }
    },
  }
}
