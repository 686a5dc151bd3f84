import { userInfo } from 'node:os'

/** Who sits at this machine: as the environment says, else the account of this machine. */
export function accountName(): string | undefined {
  const given = process.env['MUSTER_AS']
  if (given !== undefined && given !== '') return given.slice(0, 256)
  try {
    return userInfo().username
  } catch {
    // A container may have a user without a name.
    return undefined
  }
}
