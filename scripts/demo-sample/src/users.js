/**
 * @param {string} id
 * @returns {{ id: string, name: string }}
 */
export function fetchUser(id) {
  return { id, name: `user ${id}` };
}
