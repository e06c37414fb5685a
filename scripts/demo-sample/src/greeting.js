import { fetchUser } from './users.js';

/** @param {string} id */
export function greeting(id) {
  // fetchUser is called once: this comment keeps its words.
  return `Hello, ${fetchUser(id).name}!`;
}

/** @param {(id: string) => string} fetchUser a parameter that happens to have the same name */
export function through(fetchUser) {
  return fetchUser('7');
}
