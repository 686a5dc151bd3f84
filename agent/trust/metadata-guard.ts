import { Problem } from '../../shared/domain/problem.ts'
import { parseStrictJson } from '../../shared/protocol/strict-json.ts'
import { MAX_TRUST_VERSION } from '../../shared/protocol/trust.ts'

/** Signatures of one file: more than any threshold asks for, few enough to be checked at once. */
const MAX_SIGNATURES = 64
import { isSmallOrder } from './verify.ts'

type JsonObject = Record<string, unknown>

/**
 * Looks at a metadata file before the TUF client reads it. The client checks signatures, versions and expiry; this adds what it does not look at:
 * bytes that can be understood in two ways, versions out of bounds, one key under several ids (it would count as several people), key lists
 * that name a key twice.
 * @throws Problem `trust.metadata-invalid`
 */
export function guardMetadata(bytes: Uint8Array, name: string): void {
  const file = objectOf(parse(bytes, name))
  const signed = objectOf(file?.['signed'])
  if (file === null || signed === null) throw invalid(name, 'it has no signed part')
  const version = signed['version']
  if (!Number.isInteger(version) || Number(version) < 1 || Number(version) > MAX_TRUST_VERSION)
    throw invalid(name, `its version is no number from 1 to ${MAX_TRUST_VERSION}`)
  checkVersions(signed['meta'], name)
  if (Array.isArray(file['signatures']) && file['signatures'].length > MAX_SIGNATURES)
    throw invalid(name, `it carries more than ${MAX_SIGNATURES} signatures`)
  checkKeys(signed, name)
  const delegations = objectOf(signed['delegations'])
  if (delegations !== null) checkKeys(delegations, name)
}

function parse(bytes: Uint8Array, name: string): unknown {
  try {
    return parseStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes), name)
  } catch (error) {
    if (error instanceof Problem) throw new Problem('trust.metadata-invalid', error.message, { cause: error })
    throw invalid(name, 'it is not UTF-8 text')
  }
}

/** Versions that a timestamp or snapshot names: they become the floor of what is taken later. */
function checkVersions(meta: unknown, name: string): void {
  for (const [file, entry] of Object.entries(objectOf(meta) ?? {})) {
    const version = objectOf(entry)?.['version']
    if (!Number.isInteger(version) || Number(version) < 1 || Number(version) > MAX_TRUST_VERSION)
      throw invalid(name, `the version of ${file.slice(0, 64)} is no number from 1 to ${MAX_TRUST_VERSION}`)
  }
}

function checkKeys(holder: JsonObject, name: string): void {
  const seen = new Map<string, string>()
  for (const [id, key] of Object.entries(objectOf(holder['keys']) ?? {})) {
    const material = objectOf(objectOf(key)?.['keyval'])?.['public']
    if (typeof material !== 'string') continue
    if (/^[0-9a-f]{64}$/i.test(material) && isSmallOrder(Buffer.from(material, 'hex')))
      throw invalid(name, `the key ${id.slice(0, 16)} proves nothing`)
    const same = seen.get(material.trim().toLowerCase())
    if (same !== undefined) throw invalid(name, `the keys ${same.slice(0, 16)} and ${id.slice(0, 16)} are one key`)
    seen.set(material.trim().toLowerCase(), id)
  }
  const roles: unknown = holder['roles']
  const lists = Array.isArray(roles) ? roles : Object.values(objectOf(roles) ?? {})
  for (const role of lists) {
    const ids: unknown = objectOf(role)?.['keyids']
    if (Array.isArray(ids) && new Set(ids).size !== ids.length) throw invalid(name, 'a role names one key twice')
  }
}

function objectOf(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}

function invalid(name: string, why: string): Problem {
  return new Problem('trust.metadata-invalid', `${name} is refused: ${why}.`)
}
