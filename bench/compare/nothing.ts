/** What starting Deno itself takes. */
console.log(0);
