/** The longest delay of a timer in this runtime, in milliseconds: with a longer one the timer fires at once. */
export const timerMsMax = 2 ** 31 - 1;
