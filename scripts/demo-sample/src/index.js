export { greeting, through } from './greeting.js';
export { fetchUser, fetchUser as user } from './users.js';
