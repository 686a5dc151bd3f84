import { z } from 'zod'

/** Nominal typing: a `Brand<string, 'DeviceId'>` cannot be passed where another brand is wanted. */
export type Brand<Base, Name extends string> = Base & { readonly __brand: Name }

export type FleetId = Brand<string, 'FleetId'>
export type DeviceId = Brand<string, 'DeviceId'>
export type DeploymentName = Brand<string, 'DeploymentName'>
export type ModelName = Brand<string, 'ModelName'>
export type ModelVersionName = Brand<string, 'ModelVersionName'>
/** A name that stands for a version of a model and can be moved to another one, such as `production`. */
export type AliasName = Brand<string, 'AliasName'>
/** Lower-case hex SHA-256 of an artifact's bytes. */
export type Sha256 = Brand<string, 'Sha256'>
/** SHA-256 of the bytes of a bundle's manifest: the identity of a model version's content. */
export type BundleDigest = Brand<string, 'BundleDigest'>
/** Random per spool file, so that a reset spool never re-issues a key. */
export type SpoolId = Brand<string, 'SpoolId'>
/** Random per start of an agent. */
export type BootId = Brand<string, 'BootId'>

const idPattern = /^[a-z0-9-]{1,64}$/
const hex64 = /^[0-9a-f]{64}$/
const namePattern = /^[a-z0-9][a-z0-9._-]{0,63}$/
const aliasPattern = /^[a-z][a-z0-9._-]{0,63}$/
const versionPattern = /^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$/

const branded = <Name extends string>(pattern: RegExp, what: string) =>
  z
    .string()
    .regex(pattern, what)
    .transform((text) => text as Brand<string, Name>)

export const fleetId = branded<'FleetId'>(idPattern, 'a fleet id is 1 to 64 of a-z, 0-9 and -')
export const deviceId = branded<'DeviceId'>(idPattern, 'a device id is 1 to 64 of a-z, 0-9 and -')
export const deploymentName = branded<'DeploymentName'>(idPattern, 'a deployment name is 1 to 64 of a-z, 0-9 and -')
export const modelName = branded<'ModelName'>(
  namePattern,
  'a model name is 1 to 64 of a-z, 0-9, ".", "_" and "-", and starts with a letter or digit',
)
export const modelVersionName = branded<'ModelVersionName'>(versionPattern, 'a version is 1 to 64 letters, digits, ".", "+", "_" and "-"')
export const aliasName = branded<'AliasName'>(aliasPattern, 'an alias is 1 to 64 of a-z, 0-9, ".", "_" and "-", and starts with a letter')
export const sha256 = branded<'Sha256'>(hex64, 'a SHA-256 is 64 lower-case hex digits')
export const bundleDigest = branded<'BundleDigest'>(hex64, 'a bundle digest is 64 lower-case hex digits')
export const spoolId = branded<'SpoolId'>(idPattern, 'a spool id is 1 to 64 of a-z, 0-9 and -')
export const bootId = branded<'BootId'>(idPattern, 'a boot id is 1 to 64 of a-z, 0-9 and -')

/** Splits `digits@1.1.0` into model and version; `null` if it is not of that form. */
export function parseModelReference(text: string): { model: ModelName; version: ModelVersionName } | null {
  const at = text.lastIndexOf('@')
  if (at <= 0) return null
  const model = modelName.safeParse(text.slice(0, at))
  const version = modelVersionName.safeParse(text.slice(at + 1))
  return model.success && version.success ? { model: model.data, version: version.data } : null
}

/** An id derived from free text: lower case, everything else becomes `-`; `fallback` where nothing is left. */
export function slug(text: string, fallback: string): string {
  const made = text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
  return made === '' ? fallback : made
}
