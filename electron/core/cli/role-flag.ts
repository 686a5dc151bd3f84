import { personRoles, type PersonRole } from '../../../shared/domain/people.ts'
import { Problem } from '../../../shared/domain/problem.ts'

/** A role as it was written. @throws Problem `usage` */
export function roleOf(text: string): PersonRole {
  const role = personRoles.find((one) => one === text)
  if (role === undefined) throw new Problem('usage', `'${text}' is no role; the roles are ${personRoles.join(', ')}.`)
  return role
}
