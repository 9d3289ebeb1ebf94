// The page of a link by which a customer calls: its buttons call in the chat window, which has everything else that belongs to a talk.
for (const [id, video] of [["begin", false], ["film", true]]) document.getElementById(id)?.addEventListener("click", () => window.hublineChat?.call(video));
