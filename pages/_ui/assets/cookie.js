// Keeps the voter's id for a year, so that the next visit finds the same votes.
export default function (component) {
  const { name, value } = component.data;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Max-Age=31536000; Path=/; SameSite=Lax${secure}`;
}
