import { z } from 'zod'

/** What people may do, from the least to the most; each may also do what those before it may. */
export const personRoles = ['viewer', 'operator', 'approver', 'admin'] as const
export type PersonRole = (typeof personRoles)[number]

/** What each role is for, in one sentence. */
export const roleMeanings: Record<PersonRole, string> = {
  viewer: 'Sees everything, and changes nothing.',
  operator: 'Runs the fleet: enrols devices, imports models, starts rollouts, answers alerts.',
  approver: 'Runs the fleet, and approves and withdraws versions and rollouts.',
  admin: 'Does everything, and decides about people, tokens, the broker and what approval needs.',
}

/** Role of a connection that has not said who it is: it may sign in, and nothing else. */
export const GUEST = 'guest'
/** Role that a method asks for, and that a caller has. */
export type Role = typeof GUEST | PersonRole

const rank: Record<Role, number> = { guest: 0, viewer: 1, operator: 2, approver: 3, admin: 4 }

/** True if whoever has a role may do what asks for another. */
export function reaches(role: Role, wanted: Role): boolean {
  return rank[role] >= rank[wanted]
}

/** The lesser of two roles. */
export function lesserRole(one: PersonRole, other: PersonRole): PersonRole {
  return reaches(one, other) ? other : one
}

/** Names that stand for something else in the audit log. */
const reserved = new Set(['owner', 'muster', 'guest', 'local'])

/** Name of an account: what a person signs in with, and what the audit log says. */
export const accountName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,39}$/, 'an account name is 1 to 40 of a-z, 0-9, ".", "_" and "-", and starts with a letter or digit')
  .refine((name) => !reserved.has(name), 'this name is taken by the console itself')

/** Name of a token. */
export const tokenName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'a token name is 1 to 40 of a-z, 0-9 and "-"')

/** The fewest characters of a password: it is the only thing that is asked for. */
export const MIN_PASSWORD = 12
/** The most: what is hashed is bounded. */
export const MAX_PASSWORD = 256

/** Why a text is no password for an account; null: it is one. */
export function passwordProblem(password: string, name: string): string | null {
  const length = Array.from(password).length
  if (length < MIN_PASSWORD) return `A password has at least ${MIN_PASSWORD} characters; several words are easy to keep in mind.`
  if (length > MAX_PASSWORD) return `A password has at most ${MAX_PASSWORD} characters.`
  if (new Set(password.toLowerCase()).size < 5) return 'This password repeats the same few characters.'
  const plain = password.toLowerCase()
  if (name.length >= 4 && plain.includes(name.toLowerCase()) && length < MIN_PASSWORD + name.length)
    return 'This password is little more than the name of the account.'
  return null
}

/** How a session ends by itself: after so long without use, and at the latest after so long in all. */
export const SESSION_MS = { idle: 12 * 3_600_000, most: 7 * 86_400_000 } as const

/** The longest life of a token, days. */
export const MAX_TOKEN_DAYS = 366
