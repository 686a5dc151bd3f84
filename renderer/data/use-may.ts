import { reaches, type Role } from '../../shared/domain/people.ts'
import { contract, type MethodName } from '../../shared/rpc/contract.ts'
import { useQuery } from './use-query.ts'

/** Why a role may not call a method, in words; null: it may. */
export function whyNot(method: MethodName, role: Role): string | null {
  const wanted = contract[method].role
  return reaches(role, wanted) ? null : `This is for the role ${wanted}; you have ${role}.`
}

/** Why this person may not call a method, in words; null: they may, or it is not known yet. The core decides; this only tells beforehand. */
export function useMay(method: MethodName): string | null {
  const role = useQuery('access.show', {}).data?.caller.role
  return role === undefined ? null : whyNot(method, role)
}
