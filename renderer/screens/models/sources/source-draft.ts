import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { sourceSettings, type SourceSettings, type SourceWatch } from '../../../../shared/rpc/contract/sources.ts'

/** A place of the list. */
export type Source = OutputOf<'sources.list'>['sources'][number]

/** A place as it stands in the editor: the fields of both kinds, as text. */
export interface SourceDraft {
  /** Its id; of a new one as it is typed. */
  source: string
  isNew: boolean
  kind: SourceSettings['kind']
  isEnabled: boolean
  url: string
  auth: 'none' | 'token' | 'basic'
  username: string
  /** Empty: none, or as it is. */
  secret: string
  hasSecret: boolean
  ca: string
  allowsPlain: boolean
  writesTags: boolean
  everyMinutes: number | ''
  /** One `MODEL:ALIAS` or `MODEL:ALIAS=NAME` per line. */
  watches: string
  folder: string
}

/** Kinds of place as a person reads them. */
export const sourceWords: Record<SourceSettings['kind'], { title: string; summary: string }> = {
  mlflow: { title: 'MLflow', summary: 'A tracking server: browse its registered models, and follow aliases such as champion.' },
  folder: { title: 'Folder', summary: 'A folder on the machine of the console: each subfolder MODEL@VERSION becomes a draft.' },
}

/** A new place of a kind. */
export function freshSource(kind: SourceSettings['kind']): SourceDraft {
  return {
    ...{ source: kind === 'mlflow' ? 'mlflow' : 'models', isNew: true, kind, isEnabled: true, url: '', auth: 'none', username: '' },
    ...{ secret: '', hasSecret: false, ca: '', allowsPlain: false, writesTags: true, everyMinutes: 5, watches: '', folder: '' },
  }
}

/** A place of the list in the editor. */
export function draftOfSource({ source, settings, hasSecret }: Source): SourceDraft {
  const fresh = { ...freshSource(settings.kind), source, isNew: false, isEnabled: settings.isEnabled, hasSecret }
  if (settings.kind === 'folder') return { ...fresh, folder: settings.folder }
  const { url, auth, ca, allowsPlain, writesTags, everyMinutes, watches } = settings
  return {
    ...{ ...fresh, url, allowsPlain, writesTags, everyMinutes, auth: auth.kind, ca: ca ?? '' },
    ...{ username: auth.kind === 'basic' ? auth.username : '', watches: watches.map(watchText).join('\n') },
  }
}

/** A watch on one line. */
export function watchText({ model, alias, as }: SourceWatch): string {
  return `${model}:${alias}${as === null ? '' : `=${as}`}`
}

/** What the editor asks for, or what is missing, in words. */
export function sourceSet(draft: SourceDraft): { settings: SourceSettings } | { problem: string } {
  if (!/^[a-z0-9-]{1,64}$/.test(draft.source)) return { problem: 'The name is 1 to 64 of a-z, 0-9 and -.' }
  if (draft.kind === 'folder') {
    if (draft.folder.trim() === '') return { problem: 'Name the folder, with its whole path.' }
    return { settings: { kind: 'folder', folder: draft.folder.trim(), isEnabled: draft.isEnabled } }
  }
  if (!URL.canParse(draft.url) || !/^https?:/.test(draft.url))
    return { problem: 'Give the address of the server, such as https://mlflow.example.' }
  const watches: SourceWatch[] = []
  for (const line of draft.watches.split('\n').map((one) => one.trim())) {
    if (line === '') continue
    const match = /^(.+):([^:=]+)(?:=([^:=]+))?$/.exec(line)
    if (match === null) return { problem: `"${line}": write MODEL:ALIAS or MODEL:ALIAS=NAME.` }
    watches.push({ model: match[1]!, alias: match[2]!, as: (match[3] ?? null) as SourceWatch['as'] })
  }
  if (draft.auth === 'basic' && draft.username === '') return { problem: 'Give the user name.' }
  if (draft.auth !== 'none' && draft.secret === '' && !draft.hasSecret)
    return { problem: draft.auth === 'token' ? 'Give the token.' : 'Give the password.' }
  const parsed = sourceSettings.safeParse({
    ...{ kind: 'mlflow', url: draft.url, auth: authOf(draft), ca: draft.ca.trim() === '' ? null : draft.ca, watches },
    ...{ allowsPlain: draft.allowsPlain, writesTags: draft.writesTags, everyMinutes: draft.everyMinutes, isEnabled: draft.isEnabled },
  })
  if (parsed.success) return { settings: parsed.data }
  const [issue] = parsed.error.issues
  return { problem: `${issue?.path.join(' ') ?? ''}: ${issue?.message ?? 'not right'}` }
}

function authOf({ auth, username, secret }: SourceDraft): object {
  const given = secret === '' ? null : secret
  if (auth === 'none') return { kind: 'none' }
  return auth === 'token' ? { kind: 'token', secret: given } : { kind: 'basic', username, secret: given }
}
