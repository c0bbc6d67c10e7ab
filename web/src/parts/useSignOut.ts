import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { signOut } from '../api/signin';
import { forgetSession } from '../session';

/** Signs out here and, where there is one, at the external provider. */
export function useSignOut(): UseMutationResult<string, Error, void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: signOut,
    onSuccess: async (elsewhere) => {
      // First away from the page: its data must not be asked for again by somebody who has left.
      await navigate({ to: '/sign-in' });
      forgetSession(queries);
      if (elsewhere !== '') window.location.assign(elsewhere);
    },
  });
}
