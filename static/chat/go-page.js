// The page of a link by which somebody goes on in the chat window: its button opens the window.
document.getElementById("begin").addEventListener("click", () => window.hublineChat?.open());
