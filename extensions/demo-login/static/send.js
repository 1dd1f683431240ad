document.querySelector(".sends-itself form").requestSubmit();
