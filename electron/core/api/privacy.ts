import { Problem } from '../../../shared/domain/problem.ts'
import type { ParsedInputOf } from '../../../shared/rpc/contract.ts'
import type { CommandContext, Handlers } from '../../../shared/rpc/dispatch.ts'
import { stale } from '../config/keeper.ts'
import { privacyRecord } from '../privacy/record.ts'
import { isSamplesOn, shownErasures, shownFields } from '../privacy/show.ts'
import { countSubject, subjectData } from '../privacy/subject-data.ts'
import { privacySalt, subjectRefOf } from '../privacy/subject-ref.ts'
import type { ApiParts } from './parts.ts'

type Names = Extract<keyof Handlers, `privacy.${string}`>

/** Data that was announced may be read for so long. */
const EXPORT_MS = 600_000
const MOST_FOUND = 10_000

/** Handlers of `privacy.*`. */
export function privacyHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, privacy, telemetry, now } = parts
  const subjectParts = { store, subjects: telemetry.subjects, manifestOf: (digest: string) => parts.registry.manifest(digest) }
  const exports = new Map<string, number>()
  return {
    'privacy.show': () => ({ fields: shownFields(parts), erasures: shownErasures(parts), samplesOn: isSamplesOn(store) }),
    'privacy.mark': (input, context) => mark(parts, input, context),
    'privacy.unmark': ({ field }, context) => {
      if (!store.privacy.removeMark(field)) throw new Problem('privacy.not-found', `The field '${field}' is not marked.`)
      return { field, devices: tellDevices(parts, context) }
    },
    'privacy.find': async ({ subject }) => {
      const salt = store.settings.get('privacySalt')
      if (salt === undefined)
        throw new Problem('privacy.not-found', 'No field is marked yet, so devices send nothing that says whom it is about.', {
          hint: 'Mark the field that names people: muster privacy mark FIELD --subject',
        })
      const ref = subjectRefOf(salt, subject)
      return {
        subject: ref,
        ...(await countSubject(ref, subjectParts, MOST_FOUND)),
        isErased: store.privacy.erasure(ref) !== null,
      }
    },
    'privacy.erase': ({ subject, reason }, context) => {
      if (store.privacy.erasure(subject) !== null) throw new Problem('privacy.known', `The subject ${subject} was erased before.`)
      privacySalt(store)
      const id = store.privacy.addErasure({ subject, reason, by: context.caller.actor, at: now() })
      store.privacy.askDevices(id)
      tellDevices(parts, context)
      context.afterCommit(() => privacy.kick())
      return { subject, devices: store.privacy.pending().filter(({ erasure }) => erasure === id).length }
    },
    'privacy.retry': (_, context) => {
      context.afterCommit(() => privacy.kick())
      return { left: store.privacy.erasures().filter(({ doneAt }) => doneAt === null).length }
    },
    'privacy.export': ({ subject }, context) => {
      context.afterCommit(() => exports.set(`${context.caller.actor} ${subject}`, now()))
      return { subject }
    },
    'privacy.data': ({ subject }, caller) => {
      const at = exports.get(`${caller.actor} ${subject}`)
      if (at === undefined || now() - at > EXPORT_MS)
        throw new Problem('privacy.not-noted', 'That the data of this subject are taken out is not in the audit log yet.')
      return subjectData(subject, subjectParts)
    },
    'privacy.record': () => privacyRecord(parts),
  }
}

function mark(parts: ApiParts, input: ParsedInputOf<'privacy.mark'>, context: CommandContext): { field: string; devices: number } {
  const { field, kind, mask, reason = '' } = input
  if (mask !== 'drop' && reason === '')
    throw new Problem(
      'privacy.reason',
      `Values of '${field}' would leave devices ${mask === 'none' ? 'as they are' : `as ${mask}`}: that needs a reason.`,
    )
  if (kind === 'subject' && mask !== 'drop' && mask !== 'hash')
    throw new Problem('input.invalid', `'${field}' says whom a row is about: it is dropped or hashed.`)
  const { store } = parts
  privacySalt(store)
  store.privacy.putMark({ field, kind, mask, reason, setBy: context.caller.actor, setAt: parts.now() })
  return { field, devices: tellDevices(parts, context) }
}

/** Signs the configuration of devices anew. @returns how many */
function tellDevices(parts: ApiParts, context: CommandContext): number {
  const changing = stale(parts, null)
  const job = parts.config.settle(changing)
  context.afterCommit(() => {
    if (job === null) parts.onOutbox()
    else parts.config.start(job)
    parts.changed('config', 'devices', 'privacy')
  })
  return changing.length
}
